"""Find a Chromium for the browser tests; with ``--install``, get Debian's when root or sudo allows it.

``python -m tests.harness.chromium [--install]`` prints its path.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium", "fonts-noto-cjk")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
NONE_FOUND = (
    "The browser tests need Chromium: run `sudo apt-get install chromium fonts-noto-cjk`, "
    "or name a browser with CHROMIUM=/path/to/chromium."
)


def find() -> str | None:
    """The browser named by CHROMIUM, or the first on PATH; None when there is none."""
    if named := os.environ.get("CHROMIUM"):
        return shutil.which(named)
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def install() -> None:
    """Ask apt for Chromium and a Chinese font, where that needs no password; silent when it cannot."""
    if not shutil.which("apt-get") or os.environ.get("CHROMIUM"):
        return
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if prefix and not shutil.which("sudo"):
        return
    print("Installing Chromium for the browser tests ...", file=sys.stderr)
    options = ["-y", "-qq", "--no-install-recommends"]
    quiet = {"stdin": subprocess.DEVNULL, "stdout": sys.stderr, "check": False}
    subprocess.run([*prefix, "apt-get", "update", "-qq"], **quiet)
    environment = ["env", "DEBIAN_FRONTEND=noninteractive"]
    subprocess.run([*prefix, *environment, "apt-get", "install", *options, *PACKAGES], **quiet)


def main() -> None:
    if not find() and "--install" in sys.argv[1:]:
        install()
    sys.exit(NONE_FOUND) if not find() else print(find())


if __name__ == "__main__":
    main()
