// scrim infer: pictures in; boxes, annotated pictures and, if asked, reconstructions out.
#include "attack.h"
#include "commands.h"
#include "detectors.h"
#include "files.h"
#include "flags.h"
#include "obfuscation.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace scrim::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr int kAttackersPictures = 40;
constexpr std::uint64_t kAttackersSeed = 1'000'003;  // of pictures drawn for the attacker

struct Flags {
  std::vector<std::string> inputs;
  std::string weights, output, attacker_dataset;
  ObfuscationFlags obfuscation;
  float threshold = 0.5F;
  std::optional<double> scale;
  bool reconstruct = false;
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
  std::optional<LinearAttacker> attacker;
  Detector detector;
  ClipCount clipped;
  std::size_t faces = 0, pictures = 0;
};

LinearAttacker train_attacker(const Flags& flags, const Obfuscation& used, const Session& session) {
  const Manifest& manifest = used.release.manifest();
  const std::vector<Image> pictures =
      flags.attacker_dataset.empty()
          ? drawn_pictures(kAttackersPictures, kAttackersSeed)
          : some_pictures(Dataset::open(flags.attacker_dataset), kAttackersPictures);
  const Noise noise(used.release, attackers_key(), {.alpha = used.noise.alpha()});
  const Observations seen = observe(pictures, manifest.input, noisy_crossing(used.head, noise),
                                    "train the attacker", session);
  return LinearAttacker::fit(seen.activations, seen.pictures, manifest.stride);
}

Detector open_detector(const Flags& flags, const std::optional<Obfuscation>& used) {
  DetectorOptions options;
  if (used) {
    options.input = used->release.manifest().input;
    return Detector(used->head, used->noise, Tail::open(used->release), options);
  }
  options.input.scale = flags.scale.value_or(options.input.scale);
  return clean_detector(flags.weights, options);
}

Run open_run(const Flags& flags, const Session& session) {
  std::optional<Obfuscation> used;
  if (!flags.obfuscation.release.empty()) used = flags.obfuscation.open();
  Detector detector = open_detector(flags, used);
  Run run{.used = std::move(used), .attacker = {}, .detector = std::move(detector), .clipped = {}};
  if (flags.reconstruct) run.attacker = train_attacker(flags, *run.used, session);
  return run;
}

Json to_object(const Item& item, const Image& image, const std::vector<Detection>& detections) {
  Json boxes = Json::array();
  for (const Detection& d : detections) {
    boxes.push_back({{"box", {d.box.x1, d.box.y1, d.box.x2, d.box.y2}}, {"score", d.score}});
  }
  return {{"picture", item.path.string()},
          {"width", image.width},
          {"height", image.height},
          {"detections", std::move(boxes)}};
}

// What left for a picture, and what was found in it on the other side.
struct Sent {
  NoisyActivation noisy_activation;
  std::vector<Detection> detections;
  std::optional<Spent> spent;
};

Sent send(const Image& image, Run& run) {
  const Obfuscation& used = *run.used;
  const Tensor input = to_input(image, used.release.manifest().input);
  const Activation activation = used.head(input);
  NoisyActivation noisy_activation = used.noise(activation);
  run.clipped.add(used.noise, activation);
  std::vector<Detection> detections = run.detector(noisy_activation, input.shape);
  std::optional<Spent> spent;
  if (used.accountant) spent = used.noise.spent(activation);
  return {std::move(noisy_activation), std::move(detections), spent};
}

void describe(const Obfuscation& used, const Sent& sent, Json& object) {
  object["release_id"] = used.release.id();
  object["alpha"] = used.noise.alpha();
  object["bits_per_element"] = used.noise.bits_per_element();
  if (!sent.spent) return;
  object["releases"] = sent.spent->releases;
  object["alpha_of_releases"] = sent.spent->alpha;
}

// The attacker's picture at the size of the original, with the boxes that the tail found.
Image annotated_reconstruction(const Run& run, const Sent& sent,
                               const std::vector<Detection>& detections, float threshold) {
  const Manifest& manifest = run.used->release.manifest();
  const double pixels = static_cast<double>(manifest.stride) / 4 / manifest.input.scale;
  return draw_detections(
      enlarge(run.attacker->reconstruction(sent.noisy_activation.tensor()), pixels), detections,
      threshold);
}

std::size_t infer_one(const Flags& flags, const Item& item, Run& run) {
  const Image image = read_image(item.path);
  std::optional<Sent> sent;
  if (run.used) sent = send(image, run);
  std::vector<Detection> detections = sent ? sent->detections : run.detector(image);
  std::erase_if(detections, [&](const Detection& d) { return d.score < flags.threshold; });
  Json object = to_object(item, image, detections);
  if (sent) describe(*run.used, *sent, object);
  const fs::path base = fs::path(flags.output) / item.name;
  make_folder(base.parent_path());
  if (run.attacker) {
    write_png(base.string() + ".reconstruction.png",
              annotated_reconstruction(run, *sent, detections, flags.threshold));
  }
  write_png(base.string() + ".png", draw_detections(image, detections, flags.threshold));
  write_text(base.string() + ".json", object.dump(2) + "\n");
  return detections.size();
}

void check_flags(const Flags& flags) {
  require(!flags.inputs.empty(), "name pictures or folders");
  require(!flags.output.empty(), "--output is missing; it names the folder for what is found");
  flags.obfuscation.check();
  require(flags.obfuscation.release.empty() != flags.weights.empty(),
          "name --release for obfuscated detection, or --weights for detection without");
  check_range("--threshold", flags.threshold, 0, 1);
  if (flags.scale) check_range("--scale", *flags.scale, 0.1, 16);
  require(!flags.reconstruct || flags.weights.empty(),
          "--reconstruct attacks a release; it needs --release");
}

void summarise(Run& run, const Flags& flags, std::ostream& log) {
  log << run.faces << " faces in " << run.pictures << " pictures, written to " << flags.output
      << "\n";
  if (!run.used) return;
  log << run.clipped.summary() << "\n";
  if (!run.used->accountant) return;
  Accountant& accountant = *run.used->accountant;
  const Spent most = accountant.most_spent();
  log << accountant.releases() << " releases counted; the most of one input is " << most.releases
      << ", together alpha " << most.alpha << " (least allowed " << accountant.least_alpha()
      << ")\n";
}

int infer(const Flags& flags, const Session& session) {
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
      const std::size_t found = infer_one(flags, item, run);
      session.out << item.path.string() << "  " << found << (found == 1 ? " face\n" : " faces\n");
      run.faces += found;
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

void declare_flags(CLI::App& app, Flags& flags) {
  app.add_option("PICTURE|FOLDER", flags.inputs, "pictures, or folders that are searched for them");
  flags.obfuscation.declare(app);
  app.add_option("--weights", flags.weights, "no release: run these weights")->type_name("WEIGHTS");
  app.add_option("--output", flags.output, "for NAME.png and NAME.json")->type_name("FOLDER");
  app.add_option("--threshold", flags.threshold, "leave out boxes of a lower score")
      ->type_name("X");
  app.add_option("--scale", flags.scale, "enlargement before the network of --weights [3]")
      ->type_name("X");
  app.add_flag("--reconstruct", flags.reconstruct, "write what a linear attacker rebuilds, too");
  app.add_option("--attacker-dataset", flags.attacker_dataset,
                 "pictures that the attacker learns from [drawn ones]")
      ->type_name("FOLDER");
}

}  // namespace

Action declare_infer(CLI::App& app) {
  const auto flags = make_flags<Flags>();
  declare_flags(app, *flags);
  return [flags](const Session& session) { return infer(*flags, session); };
}

}  // namespace scrim::cli
