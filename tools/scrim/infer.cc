// scrim infer: pictures and videos in; boxes or classes, annotated pictures and reconstructions
// out. The tail runs here, or on a server.
#include "commands.h"
#include "detectors.h"
#include "files.h"
#include "flags.h"
#include "obfuscation.h"
#include "pictures.h"
#include "rebuilder.h"
#include "server_flags.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <deque>
#include <future>
#include <iomanip>

namespace scrim::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct InferFlags {
  std::vector<std::string> inputs;
  std::string weights, output;
  ObfuscationFlags obfuscation;
  ServerFlags server;
  RebuilderFlags rebuilder;
  float threshold = 0.5F;
  std::optional<double> scale;
};

// How many pictures may be on their way to a server while the head makes the next one.
constexpr std::size_t kInFlight = 4;

// What all pictures share, and what is counted over them.
struct Run {
  std::optional<Obfuscation> used;  // none for weights
  std::optional<Tail> tail;         // of a release, here; or
  std::unique_ptr<Client> client;   // elsewhere
  std::optional<Rebuilder> rebuild;
  std::optional<Detector> detector;  // or
  std::optional<Classifier> classifier;
  ClipCount clipped;
  std::size_t faces = 0, pictures = 0;
  std::size_t bytes = 0;       // of all messages
  std::int64_t saturated = 0;  // values in them
};

// For what it says of outputs: they come from run.tail or run.client.
void open_model(const Obfuscation& used, Run& run) {
  const Manifest& manifest = used.release.manifest();
  const TailFn elsewhere = [](const NoisyActivation&) -> std::vector<Tensor> {
    fail(ErrorCode::kInternal, "the outputs of a tail were to be given");
  };
  if (is_classification(used.release)) {
    run.classifier.emplace(used.head, used.noise, elsewhere,
                           ClassifierOptions{.input = manifest.input, .classes = manifest.classes});
    return;
  }
  DetectorOptions options;
  options.input = manifest.input;
  run.detector.emplace(used.head, used.noise, elsewhere, options);
}

void open_model(const InferFlags& flags, Run& run) {
  Network network = load_network(flags.weights);
  if (network.model() == "classifier") {
    ClassifierOptions options;
    options.input.scale = flags.scale.value_or(options.input.scale);
    run.classifier.emplace(std::move(network), options);
    return;
  }
  DetectorOptions options;
  options.input.scale = flags.scale.value_or(options.input.scale);
  run.detector.emplace(std::move(network), options);
}

Run open_run(const InferFlags& flags, const Session& session) {
  Run run{};
  if (flags.obfuscation.release.empty()) {
    open_model(flags, run);
  } else {
    run.used = flags.obfuscation.open();
    if (flags.server.remote()) {
      run.client = flags.server.open();
    } else {
      run.tail = Tail::open(run.used->release);
    }
    open_model(*run.used, run);
  }
  if (flags.rebuilder.reconstruct) run.rebuild.emplace(flags.rebuilder, *run.used, session);
  return run;
}

// What the network says of a picture.
struct Answer {
  std::vector<Detection> detections;
  std::vector<double> probabilities;  // of a classifier, else empty

  std::size_t best() const {
    const auto largest = std::max_element(probabilities.begin(), probabilities.end());
    return static_cast<std::size_t>(largest - probabilities.begin());
  }
};

std::string class_name(const Run& run, std::size_t index) {
  const std::vector<std::string>& names = run.classifier->options().classes;
  return names.empty() ? "class " + std::to_string(index) : names.at(index);
}

// As on the line of a picture: "3 faces", or "star 0.981".
std::string in_words(const Run& run, const Answer& answer) {
  std::ostringstream text;
  if (run.classifier) {
    text << class_name(run, answer.best()) << " " << std::fixed << std::setprecision(3)
         << answer.probabilities[answer.best()];
  } else {
    const std::size_t found = answer.detections.size();
    text << found << (found == 1 ? " face" : " faces");
  }
  return text.str();
}

Json to_object(const Picture& picture, const Run& run, const Answer& answer) {
  const Image& image = picture.image;
  Json object = {{"picture", picture.source}, {"width", image.width}, {"height", image.height}};
  if (run.classifier) {
    object["class"] = class_name(run, answer.best());
    object["probability"] = answer.probabilities[answer.best()];
    object["probabilities"] = answer.probabilities;
    return object;
  }
  object["detections"] = Json::array();
  for (const Detection& d : answer.detections) {
    object["detections"].push_back(
        {{"box", {d.box.x1, d.box.y1, d.box.x2, d.box.y2}}, {"score", d.score}});
  }
  return object;
}

// What comes back for what left.
struct Reply {
  std::vector<Tensor> outputs;
  std::size_t bytes = 0;  // that were sent
};

// A picture on its way.
struct Pending {
  Picture picture;
  Shape input;                                      // of the head's input
  std::optional<NoisyActivation> noisy_activation;  // none for weights
  std::optional<Spent> spent;
  std::future<Reply> reply;
};

Reply ask_here(const NoisyActivation& noisy_activation, const Run& run) {
  const std::string message = to_wire(noisy_activation, run.used->release);
  return {(*run.tail)(from_wire(message, run.used->release)), message.size()};
}

Reply ask_server(const std::string& model, const NoisyActivation& noisy_activation,
                 Client& client) {
  Inference inference = client.infer(model, noisy_activation);
  return {std::move(inference.outputs), inference.bytes_sent};
}

// Head and noise; a server is asked at once, the tail here when its outputs are wanted.
Pending begin(const InferFlags& flags, Picture picture, Run& run) {
  Pending pending{std::move(picture), {}, {}, {}, {}};
  if (!run.used) return pending;
  const Obfuscation& used = *run.used;
  const Tensor input = to_input(pending.picture.image, used.release.manifest().input);
  const Activation activation = used.head(input);
  pending.input = input.shape;
  const NoisyActivation& noisy = pending.noisy_activation.emplace(used.noise(activation));
  run.clipped.add(used.noise, activation);
  if (used.accountant) pending.spent = used.noise.spent(activation);
  if (run.client) {
    pending.reply = std::async(std::launch::async, ask_server, flags.server.model, noisy,
                               std::ref(*run.client));
  } else {
    pending.reply = std::async(std::launch::deferred, ask_here, noisy, std::cref(run));
  }
  return pending;
}

void describe(const Obfuscation& used, const Pending& pending, std::size_t bytes, Json& object) {
  object["release_id"] = used.release.id();
  object["alpha"] = used.noise.alpha();
  object["bits_per_element"] = used.noise.bits_per_element();
  object["bytes"] = bytes;
  object["saturated"] = pending.noisy_activation->saturated();
  if (!pending.spent) return;
  object["releases"] = pending.spent->releases;
  object["alpha_of_releases"] = pending.spent->alpha;
}

Answer clean_answer(const Image& image, const Run& run) {
  if (run.classifier) return {.detections = {}, .probabilities = (*run.classifier)(image)};
  return {.detections = (*run.detector)(image), .probabilities = {}};
}

Answer answer_in(const Reply& reply, const Shape& input, const Run& run) {
  if (run.classifier) {
    return {.detections = {}, .probabilities = run.classifier->probabilities_in(reply.outputs)};
  }
  return {.detections = run.detector->faces_in(reply.outputs, input), .probabilities = {}};
}

void write_files(const InferFlags& flags, const Pending& pending, const Answer& answer,
                 const Json& object, Run& run) {
  const fs::path base = fs::path(flags.output) / pending.picture.name;
  make_folder(base.parent_path());
  if (run.rebuild) {
    const Image rebuilt = (*run.rebuild)(*pending.noisy_activation);
    write_png(base.string() + ".reconstruction.png",
              draw_detections(rebuilt, answer.detections, flags.threshold));
  }
  if (run.detector) {
    write_png(base.string() + ".png",
              draw_detections(pending.picture.image, answer.detections, flags.threshold));
  }
  write_text(base.string() + ".json", object.dump(2) + "\n");
}

// Waits for the answer and writes what it says.
Answer finish(const InferFlags& flags, Pending& pending, Run& run) {
  std::optional<Reply> reply;
  if (run.used) reply = pending.reply.get();
  Answer answer =
      reply ? answer_in(*reply, pending.input, run) : clean_answer(pending.picture.image, run);
  std::erase_if(answer.detections, [&](const Detection& d) { return d.score < flags.threshold; });
  Json object = to_object(pending.picture, run, answer);
  if (reply) {
    describe(*run.used, pending, reply->bytes, object);
    run.bytes += reply->bytes;
    run.saturated += pending.noisy_activation->saturated();
  }
  write_files(flags, pending, answer, object, run);
  return answer;
}

void check_flags(const InferFlags& flags) {
  require(!flags.inputs.empty(), "name pictures, videos or folders");
  require(!flags.output.empty(), "--output is missing; it names the folder for what is found");
  flags.obfuscation.check();
  flags.server.check();
  require(!flags.server.remote() || !flags.obfuscation.release.empty(),
          "--server takes noisy activations only; it needs --release");
  require(flags.obfuscation.release.empty() != flags.weights.empty(),
          "name --release for obfuscated detection, or --weights for detection without");
  check_range("--threshold", flags.threshold, 0, 1);
  if (flags.scale) check_range("--scale", *flags.scale, 0.1, 16);
  require(!flags.rebuilder.reconstruct || flags.weights.empty(),
          "--reconstruct attacks a release; it needs --release");
  flags.rebuilder.check();
}

void summarise(Run& run, const InferFlags& flags, std::ostream& log) {
  if (run.detector) log << run.faces << " faces in ";
  log << run.pictures << " pictures, written to " << flags.output << "\n";
  if (!run.used) return;
  log << run.clipped.summary() << "\n"
      << run.bytes / run.pictures << " bytes a picture "
      << (run.client ? "to " + flags.server.server : "as " + flags.obfuscation.wire) << ", "
      << run.saturated << " values held to its largest\n";
  if (!run.used->accountant) return;
  Accountant& accountant = *run.used->accountant;
  const Spent most = accountant.most_spent();
  log << accountant.releases() << " releases counted; the most of one input is " << most.releases
      << ", together alpha " << most.alpha << " (least allowed " << accountant.least_alpha()
      << ")\n";
}

// The pictures of a run in their order, several on their way at once.
class InferLoop {
 public:
  InferLoop(const InferFlags& flags, Pictures pictures, const Session& session, Run& run)
      : flags_(flags), session_(session), run_(run), pictures_(std::move(pictures)) {}

  // The failures, in order. Throws at once what is no picture's fault.
  std::vector<Error> go() {
    const std::size_t most = run_.client ? kInFlight : 0;
    bool more = true;
    while (more) {
      if (session_.stop.stop_requested()) {
        fail(ErrorCode::kUnavailable, "stopped after ", run_.pictures, " pictures");
      }
      try {
        auto picture = pictures_.next();
        more = picture.has_value();
        if (picture) pending_.push_back(begin(flags_, std::move(*picture), run_));
      } catch (const Error& error) {
        note(pictures_.read().string(), error);
      }
      while (pending_.size() > (more ? most : 0)) take_first();
    }
    return std::move(failures_);
  }

 private:
  void take_first() {
    Pending pending = std::move(pending_.front());
    pending_.pop_front();
    try {
      const Answer answer = finish(flags_, pending, run_);
      session_.out << pending.picture.source << "  " << in_words(run_, answer) << "\n";
      run_.faces += answer.detections.size();
      ++run_.pictures;
    } catch (const Error& error) {
      // A server that refuses the first refuses all.
      if (run_.client && run_.pictures == 0 && failures_.empty()) throw;
      note(pending.picture.source, error);
    }
  }

  void note(const std::string& source, const Error& error) {
    if (error.code() == ErrorCode::kUnavailable || pictures_.files() == 1) throw error;
    const std::string sentence = error.what();
    const bool is_named = sentence.find(source) != std::string::npos;
    session_.log << "skipped: " << (is_named ? "" : source + ": ") << sentence << "\n";
    failures_.push_back(error);
  }

  const InferFlags& flags_;
  const Session& session_;
  Run& run_;
  Pictures pictures_;
  std::deque<Pending> pending_;
  std::vector<Error> failures_;
};

int infer(const InferFlags& flags, const Session& session) {
  check_flags(flags);
  Pictures pictures(flags.inputs);
  Run run = open_run(flags, session);
  InferLoop loop(flags, std::move(pictures), session, run);
  make_folder(flags.output);
  check_writable(flags.output);
  const std::vector<Error> failures = loop.go();
  if (run.pictures == 0) {
    if (!failures.empty()) fail(failures.front().code(), failures.front().what());
    fail(ErrorCode::kCorrupt, "no frame in what was named");
  }
  summarise(run, flags, session.log);
  return failures.empty() ? 0 : kSomeFailed;
}

void declare_flags(CLI::App& app, InferFlags& flags) {
  app.add_option("PICTURE|VIDEO|FOLDER", flags.inputs,
                 "pictures and videos, or folders that are searched for them");
  flags.obfuscation.declare(app);
  app.add_option("--weights", flags.weights, "no release: run these weights")->type_name("WEIGHTS");
  app.add_option("--output", flags.output, "for NAME.png and NAME.json")->type_name("FOLDER");
  app.add_option("--threshold", flags.threshold, "leave out boxes of a lower score")
      ->type_name("X");
  app.add_option("--scale", flags.scale,
                 "enlargement before the network of --weights [3; classes 1]")
      ->type_name("X");
  flags.server.declare(app);
  flags.rebuilder.declare(app);
}

}  // namespace

Action declare_infer(CLI::App& app) {
  const auto flags = make_flags<InferFlags>();
  declare_flags(app, *flags);
  return [flags](const Session& session) { return infer(*flags, session); };
}

}  // namespace scrim::cli
