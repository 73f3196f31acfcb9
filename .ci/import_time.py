"""Check that importing cpool costs at most so many milliseconds beyond importing NumPy (best of several)."""

import subprocess
import sys

PROGRAM = "import time, numpy; start = time.perf_counter(); import cpool; print(time.perf_counter() - start)"


def main(limit):
    times = [float(subprocess.check_output([sys.executable, "-c", PROGRAM])) * 1e3 for _ in range(7)]
    median = sorted(times)[len(times) // 2]
    print(f"import cpool after numpy: best {min(times):.1f} ms, median {median:.1f} ms, limit {limit:g} ms")
    return min(times) > limit


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1])))
