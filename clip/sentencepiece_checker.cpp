#include <algorithm>
#include <bit>
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "base/error.h"
#include "clip/character_map.h"
#include "clip/json_files.h"
#include "clip/sentencepiece_model.h"
#include "clip/wire_format.h"

namespace unclip {
namespace {

// The numbers of fields in sentencepiece_model.proto.
namespace model_field {
constexpr uint64_t kPiece = 1, kTrainer = 2, kNormalizer = 3, kSelfTest = 4, kDenormalizer = 5;
}
namespace piece_field {
constexpr uint64_t kText = 1, kScore = 2, kKind = 3;
}
namespace trainer_field {
constexpr uint64_t kModelType = 3, kByteFallback = 35, kUnknown = 40, kStart = 41, kEnd = 42,
                   kPad = 43;
}
namespace normalizer_field {
constexpr uint64_t kCharacterMap = 2;
}

// What a model is trained with; the defaults are those of the format.
struct Trainer {
  int64_t model_type = 1;
  bool byte_fallback = false;
  int64_t unknown = 0, start = 1, end = 2, pad = -1;
};

class SentencePieceChecker {
 public:
  SentencePieceChecker(std::string_view bytes, std::string name)
      : bytes_(bytes), name_(std::move(name)) {}

  SentencePieceSummary check() {
    if (bytes_.empty()) fail(name_, ": expected a SentencePiece model, got 0 bytes");
    read_fields();
    for (const auto map : {character_map_, denormalizer_map_}) {
      if (!map.empty()) CharacterMap::parse(map, name_ + ": 'precompiled_charsmap'");
    }
    check_trainer();
    return {std::move(kinds_), character_map_, std::move(without_samples_)};
  }

 private:
  void read_fields() {
    WireReader reader(bytes_, name_);
    for (auto field = reader.next(); field;) {
      read_model_field(*field);
      const auto following = reader.next();
      const auto end = following ? following->at : bytes_.size();
      if (field->number != model_field::kSelfTest) {
        without_samples_ += bytes_.substr(field->at, end - field->at);
      }
      field = following;
    }
  }

  void read_model_field(const WireField& field) {
    switch (field.number) {
      case model_field::kPiece:
        return read_piece(field);
      case model_field::kTrainer:
        return read_trainer(field);
      case model_field::kNormalizer:
        return read_map(field, character_map_);
      case model_field::kDenormalizer:
        return read_map(field, denormalizer_map_);
      case model_field::kSelfTest:
        return expect_type(field, WireType::kBytes);
      default:
        return;
    }
  }

  void expect_type(const WireField& field, WireType type) const {
    if (field.type == type) return;
    fail(name_, ": byte ", field.at, ": field ", field.number, ": expected the wire type ",
         static_cast<int>(type), ", got ", static_cast<int>(field.type));
  }

  WireReader message(const WireField& field) const {
    expect_type(field, WireType::kBytes);
    return {field.bytes, name_, static_cast<size_t>(field.bytes.data() - bytes_.data())};
  }

  int64_t integer(const WireField& field) const {
    expect_type(field, WireType::kVarint);
    const auto value = static_cast<int64_t>(field.value);
    if (value != static_cast<int32_t>(value)) {
      fail(name_, ": byte ", field.at, ": field ", field.number,
           ": expected an integer of 32 bits, got ", value);
    }
    return value;
  }

  void read_piece(const WireField& field) {
    constexpr size_t kMostPieces = 1'000'000;
    const auto where = name_ + ": piece " + std::to_string(kinds_.size());
    if (kinds_.size() == kMostPieces) fail(where, ": expected at most ", kMostPieces, " pieces");
    UnigramPiece piece;
    int64_t kind = static_cast<int64_t>(PieceKind::kNormal);
    auto reader = message(field);
    while (const auto part = reader.next()) {
      if (part->number == piece_field::kText) {
        expect_type(*part, WireType::kBytes);
        piece.text = part->bytes;
      } else if (part->number == piece_field::kScore) {
        expect_type(*part, WireType::kFixed32);
        piece.score = std::bit_cast<float>(static_cast<uint32_t>(part->value));
      } else if (part->number == piece_field::kKind) {
        kind = integer(*part);
      }
    }
    check_piece(piece, where);
    if (kind < 1 || kind > 5) {
      fail(where, ": ", shown(piece.text), ": expected a type from 1 to 5, got ", kind);
    }
    if (const auto [other, is_new] = places_.try_emplace(piece.text, kinds_.size()); !is_new) {
      fail(where, ": expected a text of its own, got ", shown(piece.text), ", that of piece ",
           other->second);
    }
    kinds_.push_back(static_cast<PieceKind>(kind));
  }

  void read_trainer(const WireField& field) {
    auto reader = message(field);
    while (const auto part = reader.next()) {
      switch (part->number) {
        case trainer_field::kModelType:
          trainer_.model_type = integer(*part);
          break;
        case trainer_field::kByteFallback:
          trainer_.byte_fallback = integer(*part) != 0;
          break;
        case trainer_field::kUnknown:
          trainer_.unknown = integer(*part);
          break;
        case trainer_field::kStart:
          trainer_.start = integer(*part);
          break;
        case trainer_field::kEnd:
          trainer_.end = integer(*part);
          break;
        case trainer_field::kPad:
          trainer_.pad = integer(*part);
          break;
        default:
          break;
      }
    }
  }

  void read_map(const WireField& field, std::string_view& map) const {
    auto reader = message(field);
    while (const auto part = reader.next()) {
      if (part->number != normalizer_field::kCharacterMap) continue;
      expect_type(*part, WireType::kBytes);
      map = part->bytes;
    }
  }

  void check_trainer() const {
    constexpr int64_t kUnigram = 1;
    if (kinds_.empty()) fail(name_, ": expected a SentencePiece model, got one without pieces");
    if (trainer_.model_type != kUnigram) {
      fail(name_, ": 'model_type': expected 1, a unigram model, got ", trainer_.model_type);
    }
    if (trainer_.byte_fallback) fail(name_, ": 'byte_fallback': expected false, got true");
    check_ids();
    check_unknown();
    const auto is_of_words = [](PieceKind kind) {
      return kind == PieceKind::kNormal || kind == PieceKind::kUserDefined;
    };
    if (std::none_of(kinds_.begin(), kinds_.end(), is_of_words)) {
      fail(name_, ": expected pieces of words, got none among ", kinds_.size());
    }
  }

  void check_unknown() const {
    std::optional<size_t> unknown;
    for (size_t i = 0; i < kinds_.size(); ++i) {
      if (kinds_[i] != PieceKind::kUnknown) continue;
      if (unknown) {
        fail(name_, ": piece ", i, ": expected one unknown piece, got a second after piece ",
             *unknown);
      }
      unknown = i;
    }
    if (!unknown) fail(name_, ": expected an unknown piece, got none");
    if (static_cast<int64_t>(*unknown) != trainer_.unknown) {
      fail(name_, ": 'unk_id': expected ", *unknown, ", the unknown piece, got ", trainer_.unknown);
    }
  }

  // A negative id means that there is no such piece.
  void check_ids() const {
    std::unordered_map<int64_t, const char*> roles;
    const auto count = static_cast<int64_t>(kinds_.size());
    for (const auto& [role, id] : {std::pair{"unk_id", trainer_.unknown},
                                   {"bos_id", trainer_.start},
                                   {"eos_id", trainer_.end},
                                   {"pad_id", trainer_.pad}}) {
      if (id >= count) fail(name_, ": '", role, "': expected an id below ", count, ", got ", id);
      if (id < 0) continue;
      const auto [other, is_new] = roles.try_emplace(id, role);
      if (!is_new) {
        fail(name_, ": '", role, "': expected an id of its own, got ", id, ", that of '",
             other->second, "'");
      }
    }
  }

  std::string_view bytes_;
  std::string name_;
  Trainer trainer_;
  std::vector<PieceKind> kinds_;
  std::unordered_map<std::string, size_t> places_;
  std::string_view character_map_, denormalizer_map_;
  std::string without_samples_;
};

}  // namespace

SentencePieceSummary check_sentencepiece_model(std::string_view bytes, const std::string& name) {
  return SentencePieceChecker(bytes, name).check();
}

}  // namespace unclip
