#include "hub/pull.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "hub/blob.h"
#include "tests/hub/served_model.h"
#include "tests/support/error_matcher.h"

namespace unclip::hub {
namespace {

using testing::error_of;
using testing::HubAnswer;
using testing::HubRequest;
using testing::HubServer;
using testing::mentions;
using testing::read_text;
using testing::ServedModel;
using testing::write_text;

namespace fs = std::filesystem;

const std::string kNet = "net/diffusion_pytorch_model.safetensors";

TEST(Pull, FetchesWhatTheEngineReadsAndNothingElse) {
  const ServedModel model;
  const auto result = model.pull();
  EXPECT_EQ(result.folder, model.snapshot());
  EXPECT_EQ(model.pulled(), ServedModel::expected());
  EXPECT_EQ(result.files, static_cast<int64_t>(ServedModel::expected().size()));
  EXPECT_EQ(model.server.count("other/huge"), 0u);
}

TEST(Pull, WritesTheCacheAsTheHubsOwnClientDoes) {
  const ServedModel model;
  model.pull();
  EXPECT_EQ(read_text(model.repository() / "refs/main"), HubServer::kCommit);
  // `git hash-object` and `sha256sum` of the contents.
  const std::map<std::string, std::string> hashes = {
      {"tokenizer/vocab.json", "9e26dfeeb6e641a33dae4961196235bdb965b21b"},
      {kNet, "e3d613f9048214dae040e9a7f7d6d2465363642ba2d3df8c79613803be89373a"}};
  for (const auto& [path, hash] : hashes) {
    EXPECT_EQ(fs::read_symlink(model.snapshot() / path), "../../../blobs/" + hash);
  }
  EXPECT_TRUE(
      fs::read_symlink(model.snapshot() / "model_index.json").string().starts_with("../../blobs/"));
  EXPECT_TRUE(fs::exists(model / "hub/.locks/models--me--model" / (hashes.at(kNet) + ".lock")));
  EXPECT_TRUE(read_text(model / "hub/CACHEDIR.TAG").starts_with("Signature: 8a477f597d28d172789"));
  for (const auto& entry : fs::directory_iterator(model.repository() / "blobs")) {
    EXPECT_EQ(entry.path().extension(), "");
  }
  EXPECT_EQ(HubCache(model / "hub").find(*HubName::parse("me/model")), model.snapshot());
}

TEST(Pull, TakesWhatIsThere) {
  const ServedModel model;
  model.pull();
  const auto before = model.server.requests().size();
  const auto result = model.pull();
  EXPECT_EQ(result.received, 0u);
  // The index, and the pages of the listing.
  EXPECT_EQ(model.server.requests().size() - before, 4u);
}

TEST(Pull, PrefersHalfPrecisionIfAsked) {
  ServedModel model;
  auto options = model.options();
  options.fp16 = true;
  model.pull(options);
  const auto files = model.pulled();
  EXPECT_TRUE(files.contains("net/diffusion_pytorch_model.fp16.safetensors"));
  EXPECT_FALSE(files.contains(kNet));
  EXPECT_TRUE(files.contains("encoder/model.safetensors"));
  auto served = testing::served_files();
  served.erase("net/diffusion_pytorch_model.fp16.safetensors");
  model.server.add("me/model", served);
  EXPECT_TRUE(mentions(error_of([&] { model.pull(options); }), {"me/model", "half precision"}));
}

TEST(Pull, KeepsTheOldCommitUntilTheNewOneIsWhole) {
  ServedModel model;
  model.pull();
  auto files = testing::served_files();
  files[kNet] = "new weights";
  const std::string commit(40, 'f');
  model.server.add("me/model", files, commit);
  model.server.set_hook([](const HubRequest& request, HubAnswer& answer) {
    if (request.is_cdn) answer = {404};
  });
  EXPECT_NE(error_of([&] { model.pull(); }), "");
  EXPECT_EQ(read_text(model.repository() / "refs/main"), HubServer::kCommit);
  model.server.set_hook({});
  EXPECT_EQ(model.pull().folder, model.repository() / "snapshots" / commit);
  EXPECT_EQ(read_text(model.repository() / "refs/main"), commit);
  EXPECT_EQ(model.pulled(), ServedModel::expected());  // the old one
}

TEST(Pull, ContinuesAfterAnyByte) {
  const auto weights = testing::served_files().at(kNet);
  for (size_t cut = 0; cut <= weights.size(); ++cut) {
    ServedModel model;
    std::atomic<int> requests{0};
    model.server.set_hook([&](const HubRequest& request, HubAnswer& answer) {
      if (!request.is_cdn || request.path.find(kNet) == std::string::npos) return;
      if (requests++ > 0) return;
      answer.cut = answer_bytes(answer).size() - weights.size() + cut;
    });
    model.pull();
    EXPECT_EQ(model.pulled(), ServedModel::expected()) << cut;
    std::vector<HubRequest> seen;
    for (const auto& request : model.server.requests()) {
      if (request.is_cdn && request.path.find(kNet) != std::string::npos) seen.push_back(request);
    }
    if (cut == weights.size()) continue;
    ASSERT_EQ(seen.size(), 2u) << cut;
    EXPECT_EQ(seen[1].from.value_or(0), cut);
  }
}

TEST(Pull, ContinuesAfterACutInTheHeaders) {
  for (const size_t cut : {0, 1, 12, 30, 60}) {
    ServedModel model;
    std::map<std::string, int> requests;
    model.server.set_hook([&](const HubRequest& request, HubAnswer& answer) {
      if (requests[request.path]++ == 0) answer.cut = cut;
    });
    model.pull();
    EXPECT_EQ(model.pulled(), ServedModel::expected()) << cut;
  }
}

/// The path of a large file's blob.
fs::path blob_of(const ServedModel& model, const std::string& bytes) {
  BlobHasher hasher({std::string(64, '0'), bytes.size()});
  hasher.update(bytes.data(), bytes.size());
  return model.repository() / "blobs" / hasher.hex();
}

TEST(Pull, ContinuesWhatAnEarlierProgramHasLeft) {
  const auto weights = testing::served_files().at(kNet);
  struct Left {
    std::string bytes;
    std::optional<uint64_t> first_request;
  };
  const Left all[] = {{weights.substr(0, 7), 7},
                      {weights, std::nullopt},
                      {weights + "more", 0},
                      {"Weights", 7},  // wrong: the whole is fetched a second time
                      {std::string(weights.size(), 'x'), 0}};
  for (const auto& [bytes, first_request] : all) {
    const ServedModel model;
    write_text(blob_of(model, weights).string() + ".incomplete", bytes);
    model.pull();
    EXPECT_EQ(model.pulled(), ServedModel::expected()) << bytes;
    std::optional<uint64_t> first;
    for (const auto& request : model.server.requests()) {
      if (request.is_cdn && request.path.find(kNet) != std::string::npos && !first) {
        first = request.from.value_or(0);
      }
    }
    EXPECT_EQ(first, first_request) << bytes;
  }
}

TEST(Pull, ReplacesABlobOfAnotherSize) {
  const ServedModel model;
  const auto weights = testing::served_files().at(kNet);
  write_text(blob_of(model, weights), "torn");
  model.pull();
  EXPECT_EQ(model.pulled(), ServedModel::expected());
}

TEST(Pull, RestartsIfTheServerCannotContinue) {
  for (const int status : {200, 416}) {
    ServedModel model;
    const auto weights = testing::served_files().at(kNet);
    write_text(blob_of(model, weights).string() + ".incomplete", weights.substr(0, 5));
    model.server.set_hook([&](const HubRequest& request, HubAnswer& answer) {
      if (!request.is_cdn || !request.from) return;
      answer = status == 200 ? HubAnswer{200, {}, weights} : HubAnswer{416};
    });
    model.pull();
    EXPECT_EQ(model.pulled(), ServedModel::expected()) << status;
  }
}

TEST(Pull, SendsTheTokenToTheEndpointOnly) {
  const ServedModel model;
  auto options = model.options();
  options.settings.token = "hf_secret";
  model.pull(options);
  size_t cdn = 0;
  for (const auto& request : model.server.requests()) {
    EXPECT_EQ(request.authorization, request.is_cdn ? "" : "Bearer hf_secret") << request.path;
    cdn += request.is_cdn;
  }
  EXPECT_EQ(cdn, 2u);
}

TEST(Pull, FollowsARedirectionOnTheSameHostWithTheToken) {
  ServedModel model;
  auto options = model.options();
  options.settings.token = "hf_secret";
  model.server.set_hook([](const HubRequest& request, HubAnswer& answer) {
    if (request.path.ends_with("vocab.json")) answer = {307, {{"Location", "/moved?x=1"}}};
    if (request.path == "/moved?x=1") answer = {200, {}, "{}"};
  });
  model.pull(options);
  EXPECT_EQ(model.pulled(), ServedModel::expected());
  EXPECT_EQ(model.server.count("/moved"), 1u);
}

TEST(Pull, FetchesTheCompanionThatReadmeNames) {
  ServedModel model;
  auto files = testing::served_files();
  files["README.md"] = "---\nprior:\n- me/the-prior\n---\n";
  model.server.add("me/model", files);
  const std::string commit(40, '7');
  model.server.add(
      "me/the-prior",
      {{"model_index.json", R"({"_class_name": "PriorPipeline", "net": ["library", "Class"]})"},
       {"net/config.json", "{}"},
       {"net/diffusion_pytorch_model.safetensors", "weights of the prior"}},
      commit);
  auto options = model.options();
  options.layouts = {&testing::served_layout_with_companion()};
  const auto result = model.pull(options);
  EXPECT_EQ(result.files, 11);
  auto expected = ServedModel::expected();
  expected["README.md"] = files["README.md"];
  EXPECT_EQ(model.pulled(), expected);
  const auto prior = HubCache(model / "hub").find(*HubName::parse("me/the-prior"));
  ASSERT_TRUE(prior);
  EXPECT_EQ(testing::files_below(*prior).size(), 3u);
}

TEST(Pull, TakesACompanionFolderInTheSameRepository) {
  ServedModel model;
  auto files = testing::served_files();
  files["prior/model_index.json"] =
      R"({"_class_name": "PriorPipeline", "net": ["library", "Class"]})";
  files["prior/net/config.json"] = "{}";
  files["prior/net/diffusion_pytorch_model.safetensors"] = "weights of the prior";
  model.server.add("me/model", files);
  auto options = model.options();
  options.layouts = {&testing::served_layout_with_companion()};
  model.pull(options);
  auto expected = ServedModel::expected();
  for (const auto& [path, bytes] : files) {
    if (path.starts_with("prior/") || path == "README.md") expected[path] = bytes;
  }
  EXPECT_EQ(model.pulled(), expected);
}

// Locks are of open files, so two threads exclude each other as two processes do.
TEST(Pull, IsDoneSeveralTimesAtOnce) {
  const ServedModel model;
  std::vector<std::jthread> threads;
  std::atomic<int> done{0};
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] { done += error_of([&] { model.pull(); }).empty(); });
  }
  threads.clear();  // joins them
  EXPECT_EQ(done, 4);
  EXPECT_EQ(model.pulled(), ServedModel::expected());
  size_t cdn = 0;
  for (const auto& request : model.server.requests()) cdn += request.is_cdn;
  EXPECT_EQ(cdn, 2u);  // each large file once
}

TEST(Pull, WaitsForWhoHoldsTheLockOfABlob) {
  const ServedModel model;
  const auto weights = testing::served_files().at(kNet);
  const auto blob = blob_of(model, weights);
  const auto lock = model / "hub/.locks/models--me--model" / (blob.filename().string() + ".lock");
  write_text(lock, "");
  const int file = open(lock.c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_EQ(flock(file, LOCK_EX), 0);
  std::atomic<bool> noted{false};
  auto options = model.options();
  options.on_note = [&](const std::string& text) {
    EXPECT_TRUE(mentions(text, {kNet, "another program"}));
    noted = true;
    // As huggingface_hub does it: the file gets its name, then the lock is released.
    write_text(blob, weights);
    close(file);
  };
  model.pull(options);
  EXPECT_TRUE(noted);
  EXPECT_EQ(model.server.count("/" + kNet), 0u);
  EXPECT_EQ(model.pulled(), ServedModel::expected());
}

TEST(Pull, StopsAndContinues) {
  ServedModel model;
  std::atomic<bool> stop{false};
  const auto weights = testing::served_files().at(kNet);
  model.server.set_hook([&](const HubRequest& request, HubAnswer& answer) {
    if (!request.is_cdn || request.path.find(kNet) == std::string::npos) return;
    answer.cut = answer_bytes(answer).size() - weights.size() + 9;
    stop = true;
  });
  auto options = model.options();
  options.stopped = [&] { return stop.load(); };
  EXPECT_THROW(model.pull(options), Stopped);
  EXPECT_FALSE(fs::exists(model.repository() / "refs/main"));
  model.server.set_hook({});
  model.pull();
  EXPECT_EQ(model.pulled(), ServedModel::expected());
}

TEST(Pull, ReportsHowFarItIs) {
  const ServedModel model;
  auto options = model.options();
  PullProgress last;
  options.on_progress = [&](const PullProgress& progress) {
    EXPECT_LE(progress.bytes_done, progress.bytes);
    EXPECT_LE(progress.files_done, progress.files);
    last = progress;
  };
  const auto result = model.pull(options);
  EXPECT_EQ(last.files_done, 7);
  EXPECT_EQ(last.files, 7);
  EXPECT_EQ(last.bytes_done, result.bytes);
  EXPECT_EQ(last.bytes, result.bytes);
  EXPECT_EQ(last.received, result.received);
}

}  // namespace
}  // namespace unclip::hub
