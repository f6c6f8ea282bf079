#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <regex>

#include "tests/cli/run.h"
#include "tests/hub/hub_server.h"

namespace unclip::cli {
namespace {

namespace fs = std::filesystem;

using testing::read_text;
using testing::VerbFolder;
using testing::write_text;

/// A home with all that the examples of --help name, a tiny model in the place of every other.
struct ExampleHome : VerbFolder {
  ExampleHome() {
    const auto home = *this / "home";
    fs::create_directories(home / "models");
    fs::create_directories(home / "pictures");
    fs::create_directories(home / "bin");
    for (const auto* model : {"karlo", "karlo-alpha", "karlo-image-variations"}) {
      fs::create_directory_symlink(*this / "model", home / "models" / model);
    }
    const auto cached = home / ".cache/huggingface/hub/models--kakaobrain--karlo-v1-alpha";
    fs::create_directories(cached / "snapshots");
    fs::create_directory_symlink(*this / "model", cached / "snapshots/0123456789abcdef");
    write_text(cached / "refs/main", "0123456789abcdef");
    fs::create_symlink(UNCLIP_PROGRAM, home / "bin/unclip");
    write_text(home / "prompts.txt", "a fox\nred\n");
    write_text(home / "labels.txt", "fox\nred\n");
    for (const auto* name : {"ball.png", "cube.png", "pictures/a.png", "pictures/b.png"}) {
      run("generate", {"a red ball", "-s", "1", "-o", this->name(std::string("home/") + name)});
    }
    for (const auto* name : {"drawing.png", "photo.jpg", "pictures/c.jpg"}) {
      picture(std::string("home/") + name, 0.6);
    }
    serve_models();
    run("index", {name("home/pictures")});
    run("prior", {"fox", "red", "-s", "1", "-o", name("home/ball.safetensors")});
    run("encode", {name("home/ball.png"), "-o", name("home/embeddings.npy")});
    run("invert",
        {name("home/ball.png"), "--decoder-steps", "2", "-o", name("home/inverted.safetensors")});
  }

  /// The models that the examples of `pull` name.
  void serve_models() {
    const auto files = testing::files_below(*this / "model");
    hub.add("kakaobrain/karlo-v1-alpha", files);
    testing::HubServer::Files half;
    for (const auto& [path, bytes] : files) {
      half[std::regex_replace(path, std::regex("\\.safetensors$"), ".fp16.safetensors")] = bytes;
    }
    hub.add("owner/private-model", half);
  }

  /// Runs a shell's text as somebody would who has typed it. Returns the exit status.
  int shell(const std::string& text) const {
    write_text(*this / "script", "set -e\n" + text);
    const auto home = (*this / "home").string();
    const auto command = "cd '" + home + "' && HOME='" + home + "' PATH='" + home +
                         "/bin':$PATH HF_ENDPOINT='" + hub.url() + "' UNCLIP_MODEL='" +
                         name("model") + "' sh '" + name("script") + "' >'" + name("out") +
                         "' 2>'" + name("err") + "'";
    return WEXITSTATUS(std::system(command.c_str()));
  }

  testing::HubServer hub;
};

class Examples : public ::testing::TestWithParam<std::string> {};

TEST_P(Examples, OfTheHelpRunAsTheyStand) {
  const ExampleHome home;
  for (const auto& verb : verbs()) {
    if (verb.name != GetParam()) continue;
    EXPECT_EQ(home.shell(verb.examples), 0) << verb.examples << read_text(home / "err");
    EXPECT_NE(read_text(home / "out"), "") << verb.name;
  }
}

std::vector<std::string> names() {
  std::vector<std::string> names;
  for (const auto& verb : verbs()) names.push_back(verb.name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(, Examples, ::testing::ValuesIn(names()), [](const auto& info) {
  auto name = info.param;
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
});

}  // namespace
}  // namespace unclip::cli
