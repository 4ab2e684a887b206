"""What cannot be seen on a sanitizer's build."""

import pytest

from moongate import SANITIZER

IS_THREADS = "TSAN_OPTIONS" in SANITIZER
# A handler runs when the program next enters the kernel: nothing ends what only computes.
needs_signals = pytest.mark.skipif(IS_THREADS, reason="ThreadSanitizer keeps signals back")
needs_speed = pytest.mark.skipif(IS_THREADS, reason="a figure, and ThreadSanitizer's build is slow")
