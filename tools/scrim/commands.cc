#include "commands.h"

namespace scrim::cli {
namespace {

constexpr Command kCommands[] = {
    {"demo", "show the whole path on pictures that it draws, in minutes", "[FLAGS]",
     "scrim demo --output demo", declare_demo},
    {"learn", "learn noise and tail from pictures, write a release",
     "WEIGHTS --dataset FOLDER [FLAGS]",
     "scrim learn faceboxes.safetensors --dataset data/fddb --alpha 0.8 --output faces.scrim",
     declare_learn},
    {"evaluate", "measure accuracy per fold, clean or noisy",
     "RELEASE|WEIGHTS --dataset FOLDER [FLAGS]",
     "scrim evaluate faces.scrim --dataset data/fddb --noisy --alpha 0.8", declare_evaluate},
    {"infer", "find faces in pictures, or classify them, obfuscated on the way",
     "PICTURE|VIDEO|FOLDER.. --output FOLDER [FLAGS]",
     "scrim infer team.jpg --release faces.scrim --alpha 0.8 --output found", declare_infer},
    {"audit", "attack a release, write report.html and audit.json",
     "RELEASE --dataset FOLDER [FLAGS]",
     "scrim audit faces.scrim --dataset data/fddb --output faces.audit", declare_audit},
    {"inspect", "say what a release, a weight file or a key is", "PATH [FLAGS]",
     "scrim inspect faces.scrim", declare_inspect},
    {"verify", "measure a release again and compare with what it says of itself",
     "RELEASE [--dataset FOLDER] [FLAGS]", "scrim verify faces.scrim --dataset data/fddb",
     declare_verify},
    {"key", "make a noise key, replace it, or show its fingerprint",
     "create|inspect|rotate [PATH] [--old keep|destroy]", "scrim key create ~/.config/scrim/key",
     declare_key},
    {"bench", "time noise, head and tail against libtorch", "[FLAGS]",
     "scrim bench --weights faceboxes.safetensors --json", declare_bench},
    {"generate", "draw a dataset of faces or shapes, with annotations", "FOLDER [FLAGS]",
     "scrim generate data/drawn --pictures 100 --seed 7", declare_generate},
    {"export", "cut a network, write head.pt and tail.pt",
     "WEIGHTS|RELEASE --output FOLDER [FLAGS]",
     "scrim export faceboxes.safetensors --split-point inception3 --output pair", declare_export},
    {"split", "compare cuts of a network, recommend one",
     "WEIGHTS --probe NAME,NAME --dataset FOLDER [FLAGS]",
     "scrim split faceboxes.safetensors --probe pool2,inception3 --dataset data/fddb",
     declare_split},
    {"train-detector", "train FaceBoxes from random weights",
     "--dataset FOLDER.. --output FILE [FLAGS]",
     "scrim train-detector --dataset data/drawn --output faceboxes.safetensors",
     declare_train_detector},
    {"train-classifier", "train the small classifier from random weights",
     "--dataset FOLDER --output FILE [FLAGS]",
     "scrim train-classifier --dataset data/shapes --output shapes.safetensors",
     declare_train_classifier},
    {"completion", "print completion for a shell", "bash",
     "scrim completion bash > ~/.local/share/bash-completion/completions/scrim",
     declare_completion},
};

constexpr Program kProgram = {
    "scrim",
    "confidential inference. A network is cut in two; what crosses the cut\n"
    "is coded and covered by learned noise, so that the far side sees little of the picture.\n",
    "Start with 'scrim demo'.", kCommands};

}  // namespace

const Program& program() { return kProgram; }

}  // namespace scrim::cli
