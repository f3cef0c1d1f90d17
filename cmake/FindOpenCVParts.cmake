# The four OpenCV libraries that Scrim uses, as the target OpenCVParts.
#
# Debian's OpenCVConfig.cmake comes only with libopencv-dev, which pulls in some 400 MB (video,
# contrib, Java); the parts themselves are four small packages without a config file.
include(FindPackageHandleStandardArgs)
find_path(OpenCVParts_INCLUDE_DIR opencv2/core.hpp PATH_SUFFIXES opencv4)
set(parts)
foreach(part core imgproc imgcodecs videoio)
  find_library(OpenCVParts_${part}_LIBRARY opencv_${part})
  mark_as_advanced(OpenCVParts_${part}_LIBRARY)
  list(APPEND parts OpenCVParts_${part}_LIBRARY)
endforeach()
find_package_handle_standard_args(OpenCVParts REQUIRED_VARS OpenCVParts_INCLUDE_DIR ${parts})
if(OpenCVParts_FOUND AND NOT TARGET OpenCVParts)
  add_library(OpenCVParts INTERFACE IMPORTED)
  target_include_directories(OpenCVParts SYSTEM INTERFACE ${OpenCVParts_INCLUDE_DIR})
  foreach(part IN LISTS parts)
    target_link_libraries(OpenCVParts INTERFACE ${${part}})
  endforeach()
endif()
