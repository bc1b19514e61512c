// What each recipe needs and how it is built. Read by build.mjs.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {object} Recipe
 * @property {string} about
 * @property {readonly string[]} systems `platform-arch` it is meant for
 * @property {string} target CMake's
 * @property {string} module what comes out, without `lib` and ending
 * @property {RegExp} [beside] other files that belong to it
 * @property {boolean} denseOnly
 * @property {boolean} replacesProcessor
 * @property {() => Need[]} needs besides git, cmake, a compiler and ninja or make
 * @property {() => string[]} options CMake's
 */
/** @typedef {{ name: string, isThere: boolean, way: string }} Need */

const env = process.env;
const rocm = env['ROCM_PATH'] ?? '/opt/rocm';

/** @type {Readonly<Record<string, Recipe>>} */
export const recipes = {
  cpu: {
    about: 'the processor of this machine, with every instruction that it has',
    systems: ['linux-x64', 'linux-arm64', 'linux-arm', 'darwin-x64', 'darwin-arm64'],
    target: 'ggml-cpu',
    module: 'ggml-cpu',
    denseOnly: false,
    replacesProcessor: true,
    needs: () => [],
    // ggml refuses GGML_NATIVE for a module; its code asks the compiler's macros, so the flag itself will do.
    options: () => ['-DCMAKE_C_FLAGS=-march=native', '-DCMAKE_CXX_FLAGS=-march=native'],
  },
  rocm: {
    about: 'AMD Instinct MI300X (gfx942) through ROCm; other cards with QUARRY_GFX=gfx1100',
    systems: ['linux-x64'],
    target: 'ggml-hip',
    module: 'ggml-hip',
    denseOnly: false,
    replacesProcessor: false,
    needs: () => [
      {
        name: 'ROCm 6.1 or newer with its compiler',
        isThere: existsSync(join(rocm, 'llvm/bin/clang++')),
        way: 'apt-get install -y rocm-hip-sdk (from AMD’s own package source), or set ROCM_PATH',
      },
      {
        name: 'hipBLAS and rocBLAS',
        isThere:
          existsSync(join(rocm, 'lib/cmake/hipblas')) &&
          existsSync(join(rocm, 'lib/cmake/rocblas')),
        way: 'apt-get install -y hipblas-dev rocblas-dev (from AMD’s own package source)',
      },
    ],
    options: () => [
      '-DGGML_HIP=ON',
      `-DGPU_TARGETS=${env['QUARRY_GFX'] ?? 'gfx942'}`,
      `-DCMAKE_HIP_COMPILER=${join(rocm, 'llvm/bin/clang++')}`,
      `-DCMAKE_PREFIX_PATH=${rocm}`,
    ],
  },
  hexagon: {
    about: 'the Hexagon NPU of Snapdragon machines; dense models only, because SSM_SCAN is missing',
    systems: ['linux-arm64', 'win32-arm64'],
    target: 'ggml-hexagon',
    module: 'ggml-hexagon',
    beside: /^libggml-htp-v\d+\.so$/,
    denseOnly: true,
    replacesProcessor: false,
    needs: () => [
      {
        name: 'Qualcomm’s Hexagon SDK 6.4 or newer',
        isThere: existsSync(join(env['HEXAGON_SDK_ROOT'] ?? '/nowhere', 'hexagon_sdk.json')),
        way: 'install it with Qualcomm’s package manager and set HEXAGON_SDK_ROOT to its folder',
      },
    ],
    options: () => [
      '-DGGML_HEXAGON=ON',
      `-DHEXAGON_SDK_ROOT=${env['HEXAGON_SDK_ROOT'] ?? ''}`,
      `-DHEXAGON_TOOLS_ROOT=${env['HEXAGON_TOOLS_ROOT'] ?? ''}`,
      `-DPREBUILT_LIB_DIR=${process.platform === 'win32' ? 'windows' : 'linux'}_aarch64`,
      '-DCMAKE_C_FLAGS=-march=armv8.2a+fp16+dotprod -D_GNU_SOURCE',
      '-DCMAKE_CXX_FLAGS=-march=armv8.2a+fp16+dotprod -D_GNU_SOURCE',
    ],
  },
};
