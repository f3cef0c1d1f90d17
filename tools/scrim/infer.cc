// scrim infer: pictures in; boxes or classes, annotated pictures and reconstructions out.
#include "commands.h"
#include "detectors.h"
#include "files.h"
#include "flags.h"
#include "obfuscation.h"
#include "rebuilder.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iomanip>
#include <set>

namespace scrim::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct InferFlags {
  std::vector<std::string> inputs;
  std::string weights, output;
  ObfuscationFlags obfuscation;
  RebuilderFlags rebuilder;
  float threshold = 0.5F;
  std::optional<double> scale;
};

struct Item {
  fs::path path;
  fs::path name;  // of what is written, below --output, without extension
};

bool is_picture(const fs::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::set<std::string>{".jpg", ".jpeg", ".png", ".pgm", ".ppm"}.contains(extension);
}

void add_folder(const fs::path& folder, std::vector<Item>& items) {
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file() || !is_picture(entry.path())) continue;
    items.push_back({entry.path(), fs::relative(entry.path(), folder).replace_extension()});
  }
}

std::vector<Item> items_of(const std::vector<std::string>& inputs) {
  std::vector<Item> items;
  for (const fs::path input : inputs) {
    std::error_code ignored;
    if (!fs::exists(input, ignored))
      fail(ErrorCode::kNotFound, "no picture or folder ", input.string());
    if (fs::is_directory(input)) {
      add_folder(input, items);
    } else {
      items.push_back({input, input.stem()});
    }
  }
  require(!items.empty(), "no picture (jpg, png, pgm, ppm) in what was named");
  std::sort(items.begin(), items.end(),
            [](const Item& a, const Item& b) { return a.name < b.name; });
  for (std::size_t i = 1; i < items.size(); ++i) {
    require(items[i].name != items[i - 1].name, items[i - 1].path.string(), " and ",
            items[i].path.string(), " would both be written as ", items[i].name.string());
  }
  return items;
}

// One picture after the other, and what is counted over all of them.
struct Run {
  std::optional<Obfuscation> used;  // none for weights
  std::optional<Rebuilder> rebuild;
  std::optional<Detector> detector;  // or
  std::optional<Classifier> classifier;
  ClipCount clipped;
  std::size_t faces = 0, pictures = 0;
  std::size_t bytes = 0;       // of all messages
  std::int64_t saturated = 0;  // values in them
};

void open_model(const Obfuscation& used, Run& run) {
  const Manifest& manifest = used.release.manifest();
  const Tail tail = Tail::open(used.release);
  if (is_classification(used.release)) {
    run.classifier.emplace(used.head, used.noise, tail,
                           ClassifierOptions{.input = manifest.input, .classes = manifest.classes});
    return;
  }
  DetectorOptions options;
  options.input = manifest.input;
  run.detector.emplace(used.head, used.noise, tail, options);
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

Json to_object(const Item& item, const Image& image, const Run& run, const Answer& answer) {
  Json object = {{"picture", item.path.string()}, {"width", image.width}, {"height", image.height}};
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

// What left for a picture, and what the other side answered.
struct Sent {
  NoisyActivation noisy_activation;  // as it arrived
  std::size_t bytes = 0;             // of the message
  std::int64_t saturated = 0;        // values held to the largest of the wire
  Answer answer;
  std::optional<Spent> spent;
};

Sent send(const Image& image, Run& run) {
  const Obfuscation& used = *run.used;
  const Tensor input = to_input(image, used.release.manifest().input);
  const Activation activation = used.head(input);
  const NoisyActivation noisy_activation = used.noise(activation);
  const std::string message = to_wire(noisy_activation, used.release);
  Sent sent{from_wire(message, used.release), message.size(), noisy_activation.saturated(), {}, {}};
  run.clipped.add(used.noise, activation);
  run.bytes += sent.bytes;
  run.saturated += sent.saturated;
  if (run.classifier) {
    sent.answer.probabilities = (*run.classifier)(sent.noisy_activation);
  } else {
    sent.answer.detections = (*run.detector)(sent.noisy_activation, input.shape);
  }
  if (used.accountant) sent.spent = used.noise.spent(activation);
  return sent;
}

void describe(const Obfuscation& used, const Sent& sent, Json& object) {
  object["release_id"] = used.release.id();
  object["alpha"] = used.noise.alpha();
  object["bits_per_element"] = used.noise.bits_per_element();
  object["bytes"] = sent.bytes;
  object["saturated"] = sent.saturated;
  if (!sent.spent) return;
  object["releases"] = sent.spent->releases;
  object["alpha_of_releases"] = sent.spent->alpha;
}

Answer clean_answer(const Image& image, const Run& run) {
  if (run.classifier) return {.detections = {}, .probabilities = (*run.classifier)(image)};
  return {.detections = (*run.detector)(image), .probabilities = {}};
}

Answer infer_one(const InferFlags& flags, const Item& item, Run& run) {
  const Image image = read_image(item.path);
  std::optional<Sent> sent;
  if (run.used) sent = send(image, run);
  Answer answer = sent ? sent->answer : clean_answer(image, run);
  std::vector<Detection>& detections = answer.detections;
  std::erase_if(detections, [&](const Detection& d) { return d.score < flags.threshold; });
  Json object = to_object(item, image, run, answer);
  if (sent) describe(*run.used, *sent, object);
  const fs::path base = fs::path(flags.output) / item.name;
  make_folder(base.parent_path());
  if (run.rebuild) {
    const Image rebuilt = (*run.rebuild)(sent->noisy_activation);
    write_png(base.string() + ".reconstruction.png",
              draw_detections(rebuilt, detections, flags.threshold));
  }
  if (run.detector) {
    write_png(base.string() + ".png", draw_detections(image, detections, flags.threshold));
  }
  write_text(base.string() + ".json", object.dump(2) + "\n");
  return answer;
}

void check_flags(const InferFlags& flags) {
  require(!flags.inputs.empty(), "name pictures or folders");
  require(!flags.output.empty(), "--output is missing; it names the folder for what is found");
  flags.obfuscation.check();
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
      << run.bytes / run.pictures << " bytes a picture as " << flags.obfuscation.wire << ", "
      << run.saturated << " values held to its largest\n";
  if (!run.used->accountant) return;
  Accountant& accountant = *run.used->accountant;
  const Spent most = accountant.most_spent();
  log << accountant.releases() << " releases counted; the most of one input is " << most.releases
      << ", together alpha " << most.alpha << " (least allowed " << accountant.least_alpha()
      << ")\n";
}

int infer(const InferFlags& flags, const Session& session) {
  check_flags(flags);
  const std::vector<Item> items = items_of(flags.inputs);
  Run run = open_run(flags, session);
  make_folder(flags.output);
  check_writable(flags.output);
  std::vector<Error> failures;
  for (const Item& item : items) {
    if (session.stop.stop_requested())
      fail(ErrorCode::kUnavailable, "stopped after ", run.pictures, " pictures");
    try {
      const Answer answer = infer_one(flags, item, run);
      session.out << item.path.string() << "  " << in_words(run, answer) << "\n";
      run.faces += answer.detections.size();
      ++run.pictures;
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kUnavailable || items.size() == 1) throw;
      const std::string sentence = error.what(), path = item.path.string();
      const bool is_named = sentence.find(path) != std::string::npos;
      session.log << "skipped: " << (is_named ? "" : path + ": ") << sentence << "\n";
      failures.push_back(error);
    }
  }
  if (run.pictures == 0) fail(failures.front().code(), failures.front().what());
  summarise(run, flags, session.log);
  return failures.empty() ? 0 : kSomeFailed;
}

void declare_flags(CLI::App& app, InferFlags& flags) {
  app.add_option("PICTURE|FOLDER", flags.inputs, "pictures, or folders that are searched for them");
  flags.obfuscation.declare(app);
  app.add_option("--weights", flags.weights, "no release: run these weights")->type_name("WEIGHTS");
  app.add_option("--output", flags.output, "for NAME.png and NAME.json")->type_name("FOLDER");
  app.add_option("--threshold", flags.threshold, "leave out boxes of a lower score")
      ->type_name("X");
  app.add_option("--scale", flags.scale,
                 "enlargement before the network of --weights [3; classes 1]")
      ->type_name("X");
  flags.rebuilder.declare(app);
}

}  // namespace

Action declare_infer(CLI::App& app) {
  const auto flags = make_flags<InferFlags>();
  declare_flags(app, *flags);
  return [flags](const Session& session) { return infer(*flags, session); };
}

}  // namespace scrim::cli
