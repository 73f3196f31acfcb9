#!/usr/bin/env bash
# build_libomp.sh PREFIX: LLVM's OpenMP library for this Mac, from source, so that it runs wherever the wheel may be
# installed (MACOSX_DEPLOYMENT_TARGET); a library built for the newest system would not.
set -euo pipefail
prefix=$1
version=20.1.8
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
cd "$temp"

fetch() {   # fetch PART SHA256: unpack that part of the release into a folder of its name
    local file=$1-$version.src.tar.xz
    curl --fail --location --silent --show-error --retry 3 --remote-name \
        "https://github.com/llvm/llvm-project/releases/download/llvmorg-$version/$file"
    echo "$2  $file" | shasum --algorithm 256 --check
    mkdir "$1" && tar -xf "$file" -C "$1" --strip-components 1
}
fetch openmp b21c04ee9cbe56e200c5d83823765a443ee6389bbc3f64154c96e94016e6cee9
fetch cmake 3319203cfd1172bbac50f06fa68e318af84dcb5d65353310c0586354069d6634

# No libgomp.dylib or libiomp5.dylib beside it; the install name is a path that delocate finds.
cmake -S openmp -B build -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX="$prefix" \
    -DCMAKE_OSX_DEPLOYMENT_TARGET="$MACOSX_DEPLOYMENT_TARGET" -DCMAKE_INSTALL_NAME_DIR="$prefix/lib" \
    -DLIBOMP_INSTALL_ALIASES=OFF -DOPENMP_ENABLE_OMPT_TOOLS=OFF
cmake --build build --parallel 4
cmake --install build
