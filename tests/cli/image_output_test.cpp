// Where images go: standard output, formats by their names, names that are too long.

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "cli/gallery.h"
#include "image/image_format.h"
#include "image/image_texts.h"
#include "image/read_picture.h"
#include "tests/cli/run.h"
#include "tests/support/error_matcher.h"

namespace unclip::cli {
namespace {

namespace fs = std::filesystem;

using testing::error_of;
using testing::read_text;
using testing::run_with;
using testing::VerbFolder;
using testing::Words;
using testing::write_text;

struct Folder : VerbFolder {
  testing::Printed paint(const std::string& output, const Words& more = {}) const {
    Words words = {"-m", name("model"), "-o", output, "-s", "5", "a fox"};
    words.insert(words.end(), more.begin(), more.end());
    return run_with(words);
  }
  std::string usage_error(const std::string& output, const Words& more = {}) const {
    try {
      paint(output, more);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  }
};

TEST(StandardOutput, TakesTheBytesOfOneImage) {
  const Folder folder;
  folder.paint(folder.name("x.png"));
  const auto bytes = read_text(folder / "x.png");
  for (const auto* output : {"-", "/dev/stdout", "/dev/fd/1"}) {
    EXPECT_EQ(folder.paint(output).out, bytes) << output;
  }
  EXPECT_FALSE(fs::exists("-"));
}

TEST(StandardOutput, IsLeftToTheImageByEverythingElse) {
  const Folder folder;
  folder.paint(folder.name("x.png"));
  const auto printed = folder.paint("-", {"--json", "--contact-sheet", folder.name("s.png"),
                                          "--save-tensors", folder.name("t.safetensors")});
  EXPECT_EQ(printed.out, read_text(folder / "x.png"));
  EXPECT_NE(printed.err.find(folder.name("s.png")), std::string::npos);
  EXPECT_NE(printed.err.find("\"seed\":5"), std::string::npos);
}

TEST(StandardOutput, TakesNoSecondImage) {
  const Folder folder;
  EXPECT_NE(folder.usage_error("-", {"-n", "2"}).find("--output -: expected one image"),
            std::string::npos);
  EXPECT_NE(folder.usage_error("-", {"a ball"}), "");
}

TEST(StandardOutput, IsNoTerminal) {
  EXPECT_THROW(expect_no_terminal({std::cin, std::cout, std::cerr, 0, false, true}), UsageError);
  EXPECT_NO_THROW(expect_no_terminal({std::cin, std::cout, std::cerr, 80, false}));
}

TEST(StandardOutput, IsOfEveryVerbThatPaints) {
  const Folder folder;
  const auto a = folder.picture("a.png", 0.4);
  folder.run("encode", {a, "-o", folder.name("a.safetensors")});
  folder.paint(folder.name("x.png"));
  const std::vector<std::pair<std::string, Words>> verbs = {
      {"generate", {"fox"}},
      {"vary", {a}},
      {"decode", {folder.name("a.safetensors")}},
      {"mix", {a, "fox"}},
      {"diff", {a, "--from", "fox", "--to", "red", "--decoder-steps", "2"}},
      {"replay", {folder.name("x.png")}}};
  for (auto [verb, words] : verbs) {
    words.insert(words.end(), {"-o", "-"});
    if (verb != "replay") words.insert(words.end(), {"-s", "5"});
    EXPECT_EQ(decode_picture(folder.run(verb, words).out, verb).size(0), 3) << verb;
  }
}

TEST(ImageOutput, WritesIntoPipesAndDevices) {
  const Folder folder;
  folder.paint(folder.name("x.png"));
  mkfifo((folder / "pipe").c_str(), 0600);
  std::string read;
  std::thread reader([&] { read = read_text(folder / "pipe"); });
  folder.paint(folder.name("pipe"));
  reader.join();
  EXPECT_EQ(read, read_text(folder / "x.png"));
  EXPECT_EQ(folder.paint("/dev/null", {"-n", "2"}).out, "/dev/null\n/dev/null\n");
}

TEST(ImageOutput, HasTheFormatThatItsNameEndsIn) {
  const Folder folder;
  folder.paint(folder.name("x.png"));
  const auto png = decode_image(read_text(folder / "x.png"), "x");
  const auto recipe = [](const std::vector<PngText>& texts) {
    auto json = nlohmann::json::parse(texts.at(1).text);
    json.erase("quality");
    return json;
  };
  const std::pair<const char*, ImageFormat> names[] = {
      {"a.png", ImageFormat::kPng},   {"b.PNG", ImageFormat::kPng},
      {"c.jpg", ImageFormat::kJpeg},  {"d.JPEG", ImageFormat::kJpeg},
      {"e.jpe", ImageFormat::kJpeg},  {"f.jfif", ImageFormat::kJpeg},
      {"g.webp", ImageFormat::kWebp}, {"h.WebP", ImageFormat::kWebp},
      {"i", ImageFormat::kPng},       {"{seed}-{prompt}.Jpg", ImageFormat::kJpeg}};
  for (const auto& [name, format] : names) {
    auto file = folder.paint(folder.name(name), {"-q"}).out;
    file.pop_back();
    const auto bytes = read_text(file);
    EXPECT_EQ(format_of_bytes(bytes), format) << file;
    const auto image = decode_image(bytes, file);
    EXPECT_EQ(image.rgb.sizes(), png.rgb.sizes());
    const auto texts = texts_of_metadata(image.metadata);
    EXPECT_EQ(texts.at(0), png.metadata.texts.at(0)) << file;
    EXPECT_EQ(recipe(texts), recipe(png.metadata.texts)) << file;
  }
  EXPECT_TRUE(fs::exists(folder / "5-a_fox.Jpg"));
}

TEST(ImageOutput, RefusesOtherFormatsBeforeItPaints) {
  const Folder folder;
  for (const auto* name :
       {"a.avif", "a.heic", "a.bmp", "a.GIF", "a.tiff", "a.txt", "a.1", "a.pgn", "{i}.avif"}) {
    const auto error = folder.usage_error(folder.name(name));
    EXPECT_NE(error.find(".jpg, "), std::string::npos) << name;
    EXPECT_NE(error.find(name), std::string::npos) << name;
    EXPECT_FALSE(fs::exists(folder / name));
  }
}

TEST(ImageOutput, HasTheQualityThatIsAskedFor) {
  const Folder folder;
  for (const auto* name : {"x.jpg", "x.webp"}) {
    folder.paint(folder.name(name), {"--overwrite", "--quality", "5"});
    const auto small = fs::file_size(folder / name);
    folder.paint(folder.name(name), {"--overwrite", "--quality", "98"});
    EXPECT_GT(fs::file_size(folder / name), small) << name;
  }
  folder.paint(folder.name("x.png"));
  folder.paint(folder.name("x.webp"), {"--overwrite", "--quality", "100"});
  EXPECT_TRUE(at::equal(read_picture(folder / "x.webp"), read_picture(folder / "x.png")));
  EXPECT_NE(folder.usage_error(folder.name("x.png"), {"--quality", "90"}), "");
  EXPECT_NE(folder.usage_error(folder.name("x.jpg"), {"--quality", "0"}), "");
}

// Whatever a run writes, a name that is too long is found out before the first step.
TEST(ImageOutput, RefusesNamesThatAreTooLongBeforeItPaints) {
  const Folder folder;
  const auto of_size = [&](size_t size, const std::string& end) {
    return folder.name(std::string(size - end.size(), 'x') + end);
  };
  const auto x = folder.name("x.png");
  const std::vector<Words> runs = {{of_size(256, ".png")},
                                   {of_size(256, ".jpg")},
                                   {folder.name(std::string(256, 'd') + "/{i}.png")},
                                   {of_size(254, ".png"), "-n", "2"},
                                   {x, "--contact-sheet", of_size(256, ".png")},
                                   {x, "--animate", of_size(256, ".gif")},
                                   {x, "--save-tensors", of_size(256, ".safetensors")}};
  for (const auto& run : runs) {
    const auto error = error_of([&] { folder.paint(run[0], {run.begin() + 1, run.end()}); });
    EXPECT_NE(error.find("bytes, found"), std::string::npos) << run.back() << ": " << error;
    EXPECT_FALSE(fs::exists(x));
  }
  write_text(of_size(254, ".png"), "taken");
  EXPECT_TRUE(testing::mentions(error_of([&] { folder.paint(of_size(254, ".png")); }),
                                {"expected", "bytes, found"}));
  EXPECT_EQ(error_of([&] { folder.paint(of_size(254, ".png"), {"--overwrite"}); }), "");
  const auto a = folder.picture("a.png", 0.4);
  EXPECT_TRUE(testing::mentions(error_of([&] {
                                  folder.run("encode", {a, "-o", of_size(256, ".npy")});
                                }),
                                {"expected", "bytes, found"}));
}

TEST(ImageOutput, MakesTheFoldersOfAPattern) {
  const Folder folder;
  folder.paint(folder.name("new/{seed}/{prompt}/x.png"), {"-n", "2"});
  EXPECT_TRUE(fs::exists(folder / "new/5/a_fox/x.png"));
  EXPECT_TRUE(fs::exists(folder / "new/6/a_fox/x.png"));
  folder.paint(folder.name("{model}/{i}.png"));
  EXPECT_TRUE(fs::exists(folder / "tiny/0.png"));
  folder.run("replay", {folder.name("tiny/0.png"), "-o", folder.name("{model}/again.png")});
  EXPECT_TRUE(fs::exists(folder / "tiny/again.png"));
  folder.paint(folder.name("best/{seed}/x.png"), {"--best-of", "3"});
  EXPECT_TRUE(fs::exists(folder / "best"));
}

TEST(EmbeddingInput, SaysThatItIsAnImage) {
  const Folder folder;
  fs::copy("tests/golden/pictures/grey.jpg", folder / "photo.jpg");
  fs::copy("tests/golden/images/lossy.webp", folder / "photo.npy");
  for (const auto& [file, kind] :
       {std::pair{"photo.jpg", "a JPEG image"}, std::pair{"photo.npy", "a WebP image"}}) {
    for (const auto& words : {Words{"decode", folder.name(file)}, Words{"decode", "-"}}) {
      const auto error =
          error_of([&] { folder.run(words[0], {words[1]}, read_text(folder / file)); });
      EXPECT_NE(error.find(std::string(kind) + "; `unclip encode`"), std::string::npos) << error;
    }
  }
  folder.run("encode", {folder.name("photo.jpg"), "-o", folder.name("e.npy")});
  EXPECT_NE(error_of([&] {
              folder.run("decode", {folder.name("e.npy"), "--start", folder.name("photo.jpg")});
            }).find("a JPEG image"),
            std::string::npos);
}

}  // namespace
}  // namespace unclip::cli
