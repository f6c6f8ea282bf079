#include "lab/gnuplot.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>

#include "base/error.h"
#include "base/file_bytes.h"

extern char** environ;

namespace unclip::lab {
namespace {

namespace fs = std::filesystem;

constexpr int kNoSuchProgram = 127;

/// Temporary files of one plot next to its output; the destructor removes them.
struct Scratch {
  explicit Scratch(const fs::path& file)
      : script(scratch_name(file).string() + ".gp"), picture(scratch_name(file)) {}
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code ignored;
    fs::remove(script, ignored);
    fs::remove(picture, ignored);
  }
  fs::path script, picture;
};

/// Runs gnuplot with a script or an option. Returns its exit status; kNoSuchProgram if there is no
/// gnuplot.
int run_gnuplot(const std::string& argument) {
  std::array<char*, 3> arguments = {const_cast<char*>("gnuplot"),
                                    const_cast<char*>(argument.c_str()), nullptr};
  // Its messages about a script are not meant for the user.
  posix_spawn_file_actions_t quiet;
  posix_spawn_file_actions_init(&quiet);
  for (const int output : {STDOUT_FILENO, STDERR_FILENO}) {
    posix_spawn_file_actions_addopen(&quiet, output, "/dev/null", O_WRONLY, 0);
  }
  pid_t child = 0;
  const int error = posix_spawnp(&child, "gnuplot", &quiet, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&quiet);
  if (error != 0) return kNoSuchProgram;
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return 1;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

void expect_gnuplot(int status) {
  if (status == kNoSuchProgram) {
    fail(
        "plots: expected gnuplot, which is not installed; on Debian: apt-get install gnuplot-nox, "
        "or "
        "cmake/install_dependencies.sh --plots");
  }
}

void expect_ending(const fs::path& file) {
  if (file.extension() != ".svg" && file.extension() != ".png") {
    fail(file, ": expected a name that ends in .svg or .png for a plot");
  }
}

}  // namespace

void expect_plottable(const fs::path& file) {
  expect_ending(file);
  expect_gnuplot(run_gnuplot("--version"));
}

fs::path plot(const std::string& script, const fs::path& file, int width, int height,
              WriteMode mode) {
  expect_ending(file);
  const auto kind = file.extension();
  const Scratch scratch(file);
  {
    std::ofstream out(scratch.script);
    out << "set terminal " << (kind == ".svg" ? "svg" : "pngcairo") << " size " << width << ","
        << height << " font 'DejaVu Sans,11' background rgb 'white'\n"
        << "set output " << quoted(scratch.picture.string()) << "\n"
        << script;
    if (!out.flush()) fail(file, ": cannot be written");
  }
  const int status = run_gnuplot(scratch.script.string());
  expect_gnuplot(status);
  if (status != 0) fail(file, ": gnuplot cannot plot it (status ", status, ")");
  return write_file(file, file_bytes(scratch.picture), mode);
}

std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'') result += '\'';
    result += c == '\n' ? ' ' : c;
  }
  return result + "'";
}

}  // namespace unclip::lab
