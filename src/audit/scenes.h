// Pictures beside what the head makes of them: what attackers learn from and are measured on.
#pragma once

#include "audit/alignment.h"
#include "audit/identities.h"

#include <scrim/network.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace scrim {

// One picture, and what the cut gives of it without noise.
struct Scene {
  std::string name;
  Image picture;                        // as it was read; empty for views that only teach
  Tensor activation;                    // 1 x K x H x W, the head's output
  Tensor shallow;                       // 1 x C x H' x W', of the positive control
  Image target;                         // what attackers rebuild
  std::vector<Box> faces;               // annotated, in pixels of the target
  std::vector<std::string> face_names;  // what the annotation calls each; empty without names
  int person = -1;                      // number in its list of people; -1 for none
  // Pixels of the recogniser's template to pixels of the target; nothing where no face was found.
  std::optional<Similarity> alignment;
  std::optional<Similarity> picture_alignment;  // the same to pixels of `picture`
};

// The shallow cut of FaceBoxes, an attacker's positive control.
inline constexpr const char* kShallowSplit = "pool2";
// Enlarged pixels, as the head receives them, a pixel of what attackers rebuild, each way.
inline constexpr int kReduction = 4;

// Makes scenes with the head of a release, and with the shallow cut of the positive control.
//
// The shallow cut is pool2 of FaceBoxes' clean weights. For another network it is the picture
// itself, averaged to 4 x 4 pixels a cell.
class SceneMaker {
 public:
  // `weights` are FaceBoxes' or empty: then no face can be found.
  SceneMaker(const Release& release, const std::filesystem::path& weights, int threads);

  Scene of_picture(const Image& picture, const std::string& name, const std::vector<Box>& faces,
                   double scale) const;
  // The best face, in pixels of the picture: on the picture with its edge continued, enlarged 2, 1
  // and 4 times. Nothing where there is none, or no weights.
  std::optional<Box> find_face(const Image& picture) const;

  double scale() const { return rules_.scale; }
  // Pixels of the target a cell of the release and of the shallow cut spans, each way.
  int block() const { return block_; }
  int shallow_block() const { return shallow_block_; }
  // In words, as in "pool2 of the clean weights".
  const std::string& shallow_name() const { return shallow_name_; }

 private:
  Tensor shallow_of(const Tensor& input, const Image& target) const;

  InputRules rules_;
  std::int64_t stride_;
  int block_, shallow_block_;
  std::string shallow_name_;
  Head head_;
  std::optional<Network> shallow_;
};

// The same place on the target of a picture that was enlarged by `scale`.
Similarity on_target(const Similarity& on_picture, double scale);

// A view of a person's picture that teaches: mirrored or not, turned, shifted and enlarged a
// little, of other light. A function of (seed, index) alone.
struct FaceView {
  Image picture;
  Similarity alignment;  // template to the view's pixels
};
FaceView face_view(const Image& picture, const Box& box, std::uint64_t seed, std::uint64_t index);

}  // namespace scrim
