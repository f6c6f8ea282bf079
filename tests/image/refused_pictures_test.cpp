// What is no picture, or no whole one, is an Error that names the file; nothing crashes.

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <random>
#include <string>
#include <thread>
#include <vector>

#include "image/read_picture.h"
#include "tests/weights/files.h"

namespace unclip {
namespace {

using testing::error_of;
using testing::read_text;
using testing::TemporaryFolder;
using testing::write_text;

const std::filesystem::path kRefusedPictures = "tests/golden/pictures";
// One of each of the decoders' ways through a file.
const std::vector<std::string> kRefusedKinds = {"rgb8.png",
                                                "rgba16_interlaced.png",
                                                "palette4_alpha.png",
                                                "turned8_at_end.png",
                                                "ycc420.jpg",
                                                "ycc420_progressive.jpg",
                                                "ycc_restarts.jpg",
                                                "turned6.jpg",
                                                "cmyk_progressive.jpg",
                                                "ycck.jpg"};

std::string error_of_reading(const std::filesystem::path& path) {
  return error_of([&] { read_picture(path); });
}

std::string big_endian(uint32_t value, int size) {
  std::string bytes;
  while (size-- > 0) bytes += static_cast<char>(value >> 8 * size & 0xff);
  return bytes;
}

/// The PNG with another width and height in its header, and the checksum to go with it.
std::string png_of_size(std::string png, uint32_t width, uint32_t height) {
  png.replace(16, 8, big_endian(width, 4) + big_endian(height, 4));
  const auto crc = crc32_z(0, reinterpret_cast<const Bytef*>(png.data()) + 12, 17);
  return png.replace(29, 4, big_endian(static_cast<uint32_t>(crc), 4));
}

/// The JPEG with another width and height in the header of its frame, which `marker` begins.
std::string jpeg_of_size(std::string jpeg, char marker, uint32_t width, uint32_t height) {
  const auto frame = jpeg.find(std::string("\xff") + marker + std::string("\0\x11\x08", 3));
  return jpeg.replace(frame + 5, 4, big_endian(height, 2) + big_endian(width, 2));
}

TEST(RefusedPicture, IsNoFileThatCanBeRead) {
  TemporaryFolder folder;
  EXPECT_EQ(error_of_reading(folder.path()),
            folder.path().string() + ": is a folder; expected an image file");
  EXPECT_EQ(error_of_reading(folder / "none.png"),
            (folder / "none.png").string() + ": cannot be read: No such file or directory");
}

TEST(RefusedPicture, BeginsAsOneOnlyIfItIsAFile) {
  TemporaryFolder folder;
  mkfifo((folder / "pipe").c_str(), 0600);
  EXPECT_FALSE(begins_as_picture(folder / "pipe"));
  EXPECT_FALSE(begins_as_picture(folder.path()));
  EXPECT_TRUE(begins_as_picture(kRefusedPictures / "rgb8.png"));
}

TEST(ReadPicture, ReadsAPipe) {
  TemporaryFolder folder;
  mkfifo((folder / "pipe").c_str(), 0600);
  std::thread writer(
      [&] { write_text(folder / "pipe", read_text(kRefusedPictures / "rgb8.png")); });
  EXPECT_TRUE(
      at::equal(read_picture(folder / "pipe"), read_picture(kRefusedPictures / "rgb8.png")));
  writer.join();
}

TEST(RefusedPicture, IsAFileThatIsLocked) {
  if (geteuid() == 0) GTEST_SKIP() << "nothing is locked for root";
  TemporaryFolder folder;
  write_text(folder / "x.png", read_text(kRefusedPictures / "rgb8.png"));
  chmod((folder / "x.png").c_str(), 0);
  EXPECT_EQ(error_of_reading(folder / "x.png"),
            (folder / "x.png").string() + ": cannot be read: Permission denied");
}

TEST(RefusedPicture, PromisesTooManyPixels) {
  TemporaryFolder folder;
  const auto png = read_text(kRefusedPictures / "rgb8.png");
  const auto path = folder / "x";
  const std::string most = " pixels; expected at most 134217728 pixels";
  write_text(path, png_of_size(png, 65535, 65535));
  EXPECT_EQ(error_of_reading(path), path.string() + ": is 65535 x 65535" + most);
  write_text(path, jpeg_of_size(read_text(kRefusedPictures / "ycc420.jpg"), '\xc0', 65500, 65500));
  EXPECT_EQ(error_of_reading(path), path.string() + ": is 65500 x 65500" + most);
  write_text(path, png_of_size(png, 0x7fffffff, 1));
  EXPECT_EQ(error_of_reading(path), path.string() +
                                        ": is 2147483647 x 1 pixels; expected at most 65535 "
                                        "rows and columns");
}

TEST(RefusedPicture, PromisesMoreThanItCanHold) {
  TemporaryFolder folder;
  const auto path = folder / "x";
  const auto expect_too_short = [&](const std::string& bytes, const std::string& kind) {
    write_text(path, bytes);
    EXPECT_EQ(error_of_reading(path), path.string() + ": is not a whole " + kind +
                                          " file: it is too short for its size in pixels");
  };
  expect_too_short(png_of_size(read_text(kRefusedPictures / "rgb8.png"), 11000, 11000), "PNG");
  expect_too_short(jpeg_of_size(read_text(kRefusedPictures / "ycc420.jpg"), '\xc0', 11000, 11000),
                   "JPEG");
  expect_too_short(
      jpeg_of_size(read_text(kRefusedPictures / "ycc420_progressive.jpg"), '\xc2', 11000, 11000),
      "JPEG");
}

TEST(RefusedPicture, HasScansWithoutEnd) {
  TemporaryFolder folder;
  auto bytes = read_text(kRefusedPictures / "grey_progressive.jpg");
  const auto first = bytes.find("\xff\xda");
  const auto scan = bytes.substr(first, bytes.find("\xff\xc4", first) - first);
  std::string scans;
  for (int i = 0; i < 600; ++i) scans += scan;
  write_text(folder / "x.jpg", bytes.insert(first, scans));
  EXPECT_EQ(error_of_reading(folder / "x.jpg"),
            (folder / "x.jpg").string() + ": cannot be read as JPEG: it has more than 500 scans");
}

TEST(RefusedPicture, IsCutShortAnywhere) {
  TemporaryFolder folder;
  for (const auto& name : kRefusedKinds) {
    const auto whole = read_text(kRefusedPictures / name);
    const auto path = folder / name;
    for (size_t size = 0; size < whole.size(); size += size + 40 < whole.size() ? 7 : 1) {
      write_text(path, whole.substr(0, size));
      const auto message = error_of_reading(path);
      EXPECT_TRUE(message.starts_with(path.string() + ": "))
          << name << ", " << size << " of " << whole.size() << " bytes: " << message;
      EXPECT_EQ(message.find('\n'), message.npos) << message;
    }
  }
}

TEST(RefusedPicture, SaysThatItEndsTooEarly) {
  TemporaryFolder folder;
  const auto path = folder / "x.jpg";
  const auto whole = read_text(kRefusedPictures / "ycc420.jpg");
  write_text(path, whole.substr(0, whole.size() - 20));
  EXPECT_EQ(error_of_reading(path),
            path.string() + ": cannot be read as JPEG: Premature end of JPEG file");
}

TEST(RefusedPicture, HasCorruptRows) {
  TemporaryFolder folder;
  auto png = read_text(kRefusedPictures / "rgb8.png");
  png[png.find("IDAT") + 40] ^= 0x10;
  write_text(folder / "x.png", png);
  EXPECT_TRUE(error_of_reading(folder / "x.png")
                  .starts_with((folder / "x.png").string() + ": is not a whole PNG file: "));
  auto jpeg = read_text(kRefusedPictures / "ycc_restarts.jpg");
  jpeg[jpeg.find("\xff\xd0") + 1] = '\xd5';  // the restarts are numbered
  write_text(folder / "x.jpg", jpeg);
  EXPECT_TRUE(error_of_reading(folder / "x.jpg")
                  .starts_with((folder / "x.jpg").string() + ": cannot be read as JPEG: "));
}

TEST(ReadPicture, SurvivesWrongBytesAnywhere) {
  TemporaryFolder folder;
  int refused = 0;
  for (const auto& name : kRefusedKinds) {
    const auto whole = read_text(kRefusedPictures / name);
    for (unsigned seed = 0; seed < 300; ++seed) {
      std::mt19937 random(seed);
      auto bytes = whole;
      for (unsigned i = 0; i <= seed % 4; ++i) {
        bytes[random() % bytes.size()] ^= static_cast<char>(1 + random() % 255);
      }
      write_text(folder / name, bytes);
      try {
        EXPECT_EQ(read_picture(folder / name).size(0), 3) << name << ", seed " << seed;
      } catch (const Error&) {
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace unclip
