#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>

#include "hub/pull.h"
#include "tests/hub/served_model.h"
#include "tests/support/error_matcher.h"

namespace unclip::hub {
namespace {

using testing::error_of;
using testing::HubAnswer;
using testing::HubRequest;
using testing::HubServer;
using testing::mentions;
using testing::ServedModel;

const std::string kWeights = "net/diffusion_pytorch_model.safetensors";

bool asks_for(const HubRequest& request, const std::string& part) {
  return request.path.find(part) != request.path.npos;
}

/// A server's fault, and what the message about it has.
struct Fault {
  std::string name;
  HubServer::Hook hook;
  std::vector<std::string> parts;
  size_t requests;  // for what `counted` names
  std::string counted;
};

void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.name; }

/// Answers every request whose path contains `part`.
HubServer::Hook always(const std::string& part, const HubAnswer& answer) {
  return [=](const HubRequest& request, HubAnswer& usual) {
    if (asks_for(request, part)) usual = answer;
  };
}

/// Answers those for the bytes of the network's weights.
HubServer::Hook weights_are(const HubAnswer& answer) {
  return [=](const HubRequest& request, HubAnswer& usual) {
    if (request.is_cdn && asks_for(request, kWeights)) usual = answer;
  };
}

HubServer::Hook changed(const std::string& part, std::function<void(HubAnswer&)> change) {
  return [=](const HubRequest& request, HubAnswer& usual) {
    if (asks_for(request, part)) change(usual);
  };
}

class ServerFault : public ::testing::TestWithParam<Fault> {};

TEST_P(ServerFault, IsReportedInOneLine) {
  const auto& [name, hook, parts, requests, counted] = GetParam();
  ServedModel model;
  model.server.set_hook(hook);
  const auto message = error_of([&] { model.pull(); });
  std::string rest = message;
  for (const auto& part : parts) {
    EXPECT_TRUE(mentions(rest, {part})) << message;
    rest = rest.substr(std::min(rest.find(part), rest.size()));
  }
  EXPECT_EQ(message.find("signature=secret"), message.npos);
  EXPECT_EQ(message.find('\033'), message.npos);
  EXPECT_EQ(model.server.count(counted), requests);
  EXPECT_FALSE(std::filesystem::exists(model.repository() / "refs/main"));
}

const std::string kIndexPath = "/resolve/main/model_index.json";
const std::string kTree = "/tree/";

INSTANTIATE_TEST_SUITE_P(
    Statuses, ServerFault,
    ::testing::Values(
        Fault{"private",
              always(kIndexPath, {401}),
              {kIndexPath, "HTTP 401", "me/model", "private", "HF_TOKEN"},
              1,
              kIndexPath},
        Fault{"gated",
              always(kIndexPath, {403, {{"X-Error-Code", "GatedRepo"}}}),
              {"HTTP 403", "visit http://127.0.0.1", "/me/model", "HF_TOKEN"},
              1,
              kIndexPath},
        Fault{"denied",
              always(kIndexPath, {403}),
              {"HTTP 403", "denied", "/me/model"},
              1,
              kIndexPath},
        Fault{"revision",
              always(kIndexPath, {404, {{"X-Error-Code", "RevisionNotFound"}}}),
              {"HTTP 404", "me/model", "no revision 'main'"},
              1,
              kIndexPath},
        Fault{"file",
              always(kIndexPath, {404, {{"X-Error-Code", "EntryNotFound"}}}),
              {kIndexPath, "HTTP 404", "no such file"},
              1,
              kIndexPath},
        Fault{"not found", always(kIndexPath, {404}), {"HTTP 404", "no such"}, 1, kIndexPath},
        Fault{"teapot", always(kIndexPath, {418}), {"HTTP 418", "refused"}, 1, kIndexPath},
        Fault{"what it says",
              always(kIndexPath, {404, {{"X-Error-Message", "line\033[2J\xff"}}}),
              {"the server says: line\\u001b[2J"},
              1,
              kIndexPath},
        Fault{"long wait",
              always(kIndexPath, {429, {{"Retry-After", "4000"}}}),
              {"HTTP 429", "wait 4000 s", "HF_TOKEN"},
              1,
              kIndexPath},
        Fault{"always busy",
              always(kIndexPath, {429}),
              {"HTTP 429", "too many requests"},
              6,
              kIndexPath},
        Fault{"always down", always(kTree, {503}), {kTree, "HTTP 503"}, 6, kTree},
        Fault{
            "no content", always(kIndexPath, {204}), {kIndexPath, "x-repo-commit"}, 1, kIndexPath},
        Fault{"not modified", always(kIndexPath, {304}), {"HTTP 304"}, 1, kIndexPath},
        Fault{"file is gone", weights_are({404}), {"HTTP 404", "no such"}, 2, kWeights.substr(3)}));

INSTANTIATE_TEST_SUITE_P(
    Answers, ServerFault,
    ::testing::Values(
        Fault{"no commit",
              always(kIndexPath, {200, {}, "{}"}),
              {kIndexPath, "x-repo-commit", "HF_ENDPOINT"},
              1,
              kIndexPath},
        Fault{"hostile commit",
              always(kIndexPath, {200, {{"X-Repo-Commit", "../../x"}}, "{}"}),
              {"x-repo-commit", "'../../x'"},
              1,
              kIndexPath},
        Fault{"large index",
              changed(kIndexPath, [](HubAnswer& a) { a.body = std::string((1 << 20) + 1, ' '); }),
              {kIndexPath, "at most 1048576 bytes"},
              1,
              kIndexPath},
        Fault{"other class",
              changed(kIndexPath,
                      [](HubAnswer& a) { a.body = R"({"_class_name": "FluxPipeline"})"; }),
              {"me/model: model_index.json", "_class_name", "ServedPipeline", "FluxPipeline"},
              1,
              kIndexPath},
        Fault{"index is HTML",
              changed(kIndexPath, [](HubAnswer& a) { a.body = "<html>"; }),
              {"me/model: model_index.json", "JSON"},
              1,
              kIndexPath},
        Fault{"hostile path",
              changed(kTree,
                      [](HubAnswer& a) {
                        a.body = R"([{"type": "file", "size": 1, "oid": ")" + std::string(40, 'a') +
                                 R"(", "path": "../../x"}])";
                      }),
              {kTree, "entry 0", "'path'", "../../x"},
              1,
              kTree},
        Fault{
            "next page is a file",
            changed(kTree,
                    [](HubAnswer& a) { a.headers["Link"] = "<file:///etc/passwd>; rel=\"next\""; }),
            {kTree, "next page", "file:///etc/passwd"},
            1,
            kTree},
        Fault{"pages without end",
              changed(kTree,
                      [](HubAnswer& a) {
                        a.body = "[]";
                        a.headers["Link"] = "</x>; rel=\"next\"";
                      }),
              {kTree, "next page", "'/x'"},
              1,
              kTree},
        Fault{"huge file",
              changed(kTree,
                      [](HubAnswer& a) {
                        const std::string size = "\"size\":22";
                        for (size_t at = a.body.find(size); at != a.body.npos;
                             at = a.body.find(size, at + 9)) {
                          a.body.replace(at, size.size(), "\"size\":70000000000000");
                        }
                      }),
              {"free disk", "found"},
              0,
              kWeights}));

INSTANTIATE_TEST_SUITE_P(
    Contents, ServerFault,
    ::testing::Values(
        Fault{"wrong bytes",
              weights_are({200, {}, "Weights of the network"}),
              {kWeights, "hash", "twice"},
              4,
              kWeights},
        Fault{"wrong length",
              weights_are({200, {}, "short"}),
              {kWeights, "22 bytes", "the server has 5"},
              2,
              kWeights},
        Fault{"too many bytes",
              weights_are({200, {}, std::string(1000, 'x'), {}, false}),
              {kWeights, "22 bytes", "sends more"},
              2,
              kWeights},
        Fault{"too few bytes",
              [](const HubRequest& request, HubAnswer& answer) {
                if (request.is_cdn && asks_for(request, kWeights)) {
                  answer = request.from
                               ? HubAnswer{206, {{"Content-Range", "bytes 5-21/22"}}, "", {}, false}
                               : HubAnswer{200, {}, "weigh", {}, false};
                }
              },
              {kWeights, "22 bytes", "got 5"},
              12,
              kWeights},
        Fault{"other range",
              [](const HubRequest& request, HubAnswer& answer) {
                if (!request.is_cdn || !asks_for(request, kWeights)) return;
                if (request.from)
                  answer = {206, {{"Content-Range", "bytes 0-21/22"}}, "weights"};
                else
                  answer = {200, {}, "weigh", {}, false};
              },
              {kWeights, "content-range from byte 5", "bytes 0-21/22"},
              4,
              kWeights},
        Fault{"other etag",
              changed("/resolve/" + HubServer::kCommit + "/" + kWeights,
                      [](HubAnswer& a) { a.headers["X-Linked-Etag"] = "\"ab\""; }),
              {kWeights, "x-linked-etag", "'ab'"},
              2,
              kWeights}));

INSTANTIATE_TEST_SUITE_P(
    Redirections, ServerFault,
    ::testing::Values(Fault{"loop",
                            always(kIndexPath, {302, {{"Location", "/me/model" + kIndexPath}}}),
                            {kIndexPath, "at most 10 redirections"},
                            11,
                            kIndexPath},
                      Fault{"file",
                            always(kIndexPath, {302, {{"Location", "file:///etc/passwd"}}}),
                            {kIndexPath, "http or https", "file:///etc/passwd"},
                            1,
                            kIndexPath},
                      Fault{"ftp",
                            weights_are({302, {{"Location", "ftp://127.0.0.1/x"}}}),
                            {kWeights, "http or https", "ftp://127.0.0.1/x"},
                            2,
                            kWeights}));

TEST(PullErrors, PassIfTheServerRecovers) {
  for (const int status : {408, 429, 500, 502, 503, 504}) {
    ServedModel model;
    std::map<std::string, int> requests;
    model.server.set_hook([&](const HubRequest& request, HubAnswer& answer) {
      if (requests[request.path]++ < 2) answer = {status};
    });
    model.pull();
    EXPECT_EQ(model.pulled(), ServedModel::expected()) << status;
  }
}

TEST(PullErrors, WaitAsLongAsTheServerAsks) {
  ServedModel model;
  int requests = 0;
  model.server.set_hook([&](const HubRequest& request, HubAnswer& answer) {
    if (asks_for(request, kTree) && requests++ == 0) answer = {429, {{"Retry-After", "1"}}};
  });
  const auto start = std::chrono::steady_clock::now();
  model.pull();
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
}

TEST(PullErrors, DoNotOutliveOneWrongDownload) {
  ServedModel model;
  int requests = 0;
  model.server.set_hook([&](const HubRequest& request, HubAnswer& answer) {
    if (request.is_cdn && asks_for(request, kWeights) && requests++ == 0) {
      answer.body = "Weights of the network";
    }
  });
  model.pull();
  EXPECT_EQ(model.pulled(), ServedModel::expected());
}

TEST(PullErrors, LeaveNoFileOfWrongContents) {
  ServedModel model;
  model.server.set_hook(weights_are({200, {}, "Weights of the network"}));
  EXPECT_NE(error_of([&] { model.pull(); }), "");
  for (const auto& entry : std::filesystem::directory_iterator(model.repository() / "blobs")) {
    EXPECT_NE(testing::read_text(entry.path()), "Weights of the network");
  }
  EXPECT_FALSE(std::filesystem::exists(model.snapshot() / kWeights));
}

TEST(PullErrors, EndAConnectionThatStalls) {
  ServedModel model;
  int requests = 0;
  model.server.set_hook([&](const HubRequest& request, HubAnswer& answer) {
    if (!request.is_cdn || !asks_for(request, kWeights) || requests++ > 0) return;
    answer.cut = answer_bytes(answer).size() - 5;
    answer.hang = true;
  });
  auto options = model.options();
  options.stall_seconds = 1;
  model.pull(options);
  EXPECT_EQ(model.pulled(), ServedModel::expected());
}

/// The message of a pull from another endpoint.
std::string error_from(const std::string& endpoint) {
  const ServedModel model;
  auto options = model.options();
  options.settings.endpoint = endpoint;
  return error_of([&] { model.pull(options); });
}

TEST(PullErrors, SayThatAHostIsNotReached) {
  EXPECT_TRUE(mentions(error_from("http://no-such-host.invalid"),
                       {"http://no-such-host.invalid", "address", "HF_ENDPOINT"}));
  int port = 0;
  {
    const HubServer gone;
    port = std::stoi(gone.url().substr(gone.url().rfind(':') + 1));
  }
  const auto url = "http://127.0.0.1:" + std::to_string(port);
  EXPECT_TRUE(mentions(error_from(url), {url, "failed"}));
}

TEST(PullErrors, SayThatThereIsNoTls) {
  const HubServer plain;
  const auto url = "https" + plain.url().substr(4);
  EXPECT_TRUE(mentions(error_from(url), {url, "TLS"}));
}

TEST(PullErrors, NameARevisionOrARepositoryThatIsNotThere) {
  const ServedModel model;
  EXPECT_TRUE(mentions(error_of([&] { model.pull(model.options(), "me/model@v9"); }),
                       {"HTTP 404", "me/model", "'v9'"}));
  EXPECT_TRUE(mentions(error_of([&] { model.pull(model.options(), "me/other"); }),
                       {"HTTP 401", "no repository me/other"}));
  auto options = model.options();
  options.settings.offline = true;
  EXPECT_TRUE(mentions(error_of([&] { model.pull(options); }), {"me/model", "HF_HUB_OFFLINE"}));
  EXPECT_EQ(model.server.requests().size(), 2u);
}

TEST(PullErrors, NameACacheThatCannotBeWritten) {
  const ServedModel model;
  testing::write_text(model / "hub", "a file");
  EXPECT_TRUE(mentions(error_of([&] { model.pull(); }), {(model / "hub").string(), "cannot be"}));
}

// A disk that is full and a file that may not grow fail in the same call.
TEST(PullErrors, KeepWhatWasWrittenBeforeTheDiskWasFull) {
  ServedModel model;
  auto files = testing::served_files();
  files[kWeights] = std::string(100'000, 'w');
  model.server.add("me/model", files);
  rlimit former = {};
  getrlimit(RLIMIT_FSIZE, &former);
  auto* const former_handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit limit = former;
  limit.rlim_cur = 50'000;
  setrlimit(RLIMIT_FSIZE, &limit);
  const auto message = error_of([&] { model.pull(); });
  setrlimit(RLIMIT_FSIZE, &former);
  std::signal(SIGXFSZ, former_handler);
  EXPECT_TRUE(
      mentions(message, {".incomplete", "cannot be written", "50000 of 100000", "continues"}));
  model.pull();
  auto expected = ServedModel::expected();
  expected[kWeights] = files[kWeights];
  EXPECT_EQ(model.pulled(), expected);
  size_t continued = 0;
  for (const auto& request : model.server.requests()) continued += request.from == 50'000u;
  EXPECT_GE(continued, 1u);
}

}  // namespace
}  // namespace unclip::hub
