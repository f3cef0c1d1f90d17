# The four functions that every folder uses: a library, a tool, a test, a benchmark.

add_library(scrim_options INTERFACE)
# GCC 12 sees overlap in `"literal" + std::string` where there is none (GCC bug 105651).
set(warnings -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion
             $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict> $<$<BOOL:${SCRIM_WERROR}>:-Werror>)
target_compile_options(scrim_options INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:${warnings}>")
if(SCRIM_SANITIZE)
  target_compile_options(scrim_options INTERFACE -fsanitize=${SCRIM_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(scrim_options INTERFACE -fsanitize=${SCRIM_SANITIZE})
endif()

# scrim_library(FOLDER SOURCES ... DEPENDS ... LINK ...)
#
# One static library for src/FOLDER. Its headers are seen, as "FOLDER/name.h", only by those who
# name it in DEPENDS: a link to the one folder is the whole include path, so that an include of a
# folder that was not named does not compile. LINK lists outside libraries.
function(scrim_library folder)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;LINK" ${ARGN})
  set(view ${CMAKE_BINARY_DIR}/private/${folder})
  file(MAKE_DIRECTORY ${view})
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/src/${folder} ${view}/${folder} SYMBOLIC)
  add_library(scrim_${folder} STATIC ${ARG_SOURCES})
  target_include_directories(scrim_${folder} PUBLIC ${CMAKE_SOURCE_DIR}/include ${view})
  list(TRANSFORM ARG_DEPENDS PREPEND scrim_)
  target_link_libraries(scrim_${folder} PUBLIC ${ARG_DEPENDS} ${ARG_LINK} PRIVATE scrim_options)
endfunction()

# What brings libtorch along. A test without it is "light": it builds in seconds and runs under the
# sanitizers, which libtorch's own code does not pass.
set(SCRIM_HEAVY "scrim_(network|learn|evaluate|audit|serve[^r]|serve$)|[Tt]orch|TORCH")

# scrim_test(FOLDER NAME [LABELS ...] [DEPENDS other folders] [LINK ...]): tests/FOLDER/NAME.cc
#
# Adds the test "FOLDER/NAME"; the targets FOLDER_tests and light_tests build all of their kind.
# The label "slow" keeps a test out of the sanitizer runs.
function(scrim_test folder name)
  cmake_parse_arguments(ARG "" "" "LABELS;DEPENDS;LINK" ${ARGN})
  add_executable(${folder}_${name} ${CMAKE_SOURCE_DIR}/tests/${folder}/${name}.cc)
  list(TRANSFORM ARG_DEPENDS PREPEND scrim_)
  target_include_directories(${folder}_${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  target_link_libraries(${folder}_${name} PRIVATE scrim_${folder} ${ARG_DEPENDS} ${ARG_LINK}
                                                  GTest::gtest_main GTest::gmock scrim_options)
  set_target_properties(${folder}_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${folder}/${name} COMMAND ${folder}_${name})
  set(groups ${folder}_tests)
  if(NOT "scrim_${folder};${ARG_DEPENDS};${ARG_LINK}" MATCHES ${SCRIM_HEAVY})
    list(APPEND groups light_tests)
    list(APPEND ARG_LABELS light)
  endif()
  foreach(group IN LISTS groups)
    if(NOT TARGET ${group})
      add_custom_target(${group})
    endif()
    add_dependencies(${group} ${folder}_${name})
  endforeach()
  set_tests_properties(${folder}/${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT 900)
endfunction()

# scrim_bench(NAME DEPENDS folders): bench/NAME.cc
function(scrim_bench name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINK" ${ARGN})
  add_executable(bench_${name} ${name}.cc)
  list(TRANSFORM ARG_DEPENDS PREPEND scrim_)
  target_link_libraries(bench_${name} PRIVATE ${ARG_DEPENDS} ${ARG_LINK} benchmark::benchmark_main
                                              scrim_options)
  set_target_properties(bench_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
endfunction()
