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
if(SCRIM_FUZZ)  # RapidJSON adds offsets to null, which it never reads
  target_compile_options(scrim_options INTERFACE -fno-sanitize=pointer-overflow)
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
set(SCRIM_HEAVY "^scrim_(network|learn|evaluate|audit|serve)$")

# scrim_test(FOLDER NAME [LABELS ...] [DEPENDS other folders] [LINK ...]): tests/FOLDER/NAME.cc
#
# Adds the test "FOLDER/NAME", which runs in a process of its own. The tests of a folder are one
# program, FOLDER_tests; the target light_tests builds those without libtorch. The label "slow" keeps
# a test out of the sanitizer runs.
function(scrim_test folder name)
  cmake_parse_arguments(ARG "" "" "LABELS;DEPENDS;LINK" ${ARGN})
  list(TRANSFORM ARG_DEPENDS PREPEND scrim_)
  set(program ${folder}_tests)
  if(NOT TARGET ${program})
    scrim_test_program(${folder})
  endif()
  target_sources(${program} PRIVATE ${CMAKE_SOURCE_DIR}/tests/${folder}/${name}.cc)
  target_link_libraries(${program} PRIVATE ${ARG_DEPENDS} ${ARG_LINK})
  add_test(NAME ${folder}/${name} COMMAND ${program} --file ${name}.cc)
  if(NOT scrim_${folder} MATCHES ${SCRIM_HEAVY})
    list(APPEND ARG_LABELS light)
  endif()
  set_tests_properties(${folder}/${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT 900)
endfunction()

# The program of a folder's tests, still without any.
function(scrim_test_program folder)
  if(NOT TARGET scrim_test_main)
    add_library(scrim_test_main STATIC ${CMAKE_SOURCE_DIR}/tests/support/main.cc)
    target_link_libraries(scrim_test_main PUBLIC GTest::gtest GTest::gmock PRIVATE scrim_options)
    add_custom_target(light_tests)
  endif()
  add_executable(${folder}_tests)
  target_include_directories(${folder}_tests PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  target_link_libraries(${folder}_tests PRIVATE scrim_${folder} scrim_test_main scrim_options)
  # What a test measures is in the libraries: its own code is compiled a third quicker like this.
  target_compile_options(${folder}_tests PRIVATE $<$<CONFIG:Release>:-O1>)
  set_target_properties(${folder}_tests PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  if(NOT scrim_${folder} MATCHES ${SCRIM_HEAVY})
    add_dependencies(light_tests ${folder}_tests)
  endif()
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
