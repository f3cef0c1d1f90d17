// make_video FILE FRAMES: a video of moving squares, for tests of what reads one.
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>

#include <cstdlib>

int main(int, char** arguments) {
  constexpr int kSide = 160;
  const int frames = std::atoi(arguments[2]);
  cv::VideoWriter writer(arguments[1], cv::VideoWriter::fourcc('M', 'J', 'P', 'G'), 10,
                         {kSide, kSide});
  for (int i = 0; i < frames; ++i) {
    cv::Mat frame(kSide, kSide, CV_8UC3, cv::Scalar(40, 90, 140));
    cv::rectangle(frame, {10 + 5 * i, 20, 50, 60}, cv::Scalar(200, 180, 160), cv::FILLED);
    writer.write(frame);
  }
  return writer.isOpened() ? 0 : 1;
}
