import contextlib
import socket
import subprocess
import sys

import pytest

from twin.folder import save


@pytest.fixture
def bxl_twin(tmp_path):
    def run(*words):
        command = [sys.executable, "-c", "from viewer.cli import main; main()", *map(str, words)]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    return run


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_help_names_the_defaults(bxl_twin, command):
    done = bxl_twin(command, "--help")
    assert done.returncode == 0
    assert "--port" in done.stdout
    assert "--state" in done.stdout


def test_mistakes_are_one_line_with_a_remedy_and_exit_code_2(bxl_twin, tmp_path, city):
    absent = bxl_twin("serve", tmp_path / "nothing", "--port", "0")
    assert absent.returncode == 2
    assert "Traceback" not in absent.stderr
    save(city, tmp_path / "city")
    abroad = bxl_twin("serve", tmp_path / "city", "--host", "0.0.0.0")
    assert abroad.returncode == 2
    assert "ssh -L" in abroad.stderr
    with contextlib.closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = bxl_twin("serve", tmp_path / "city", "--port", other.getsockname()[1])
    assert taken.returncode == 2
    assert "--port" in taken.stderr
    (tmp_path / "file").write_text("no folder")
    unwritable = bxl_twin("serve", tmp_path / "city", "--port", "0", "--state", tmp_path / "file" / "var")
    assert unwritable.returncode == 2
    assert "--state" in unwritable.stderr


def test_serve_prints_the_address_and_answers_there(tmp_path, city):
    import re
    import urllib.request

    save(city, tmp_path / "city")
    command = [sys.executable, "-c", "from viewer.cli import main; main()", "serve", str(tmp_path / "city")]
    with subprocess.Popen([*command, "--port", "0"], stderr=subprocess.PIPE, text=True) as server:
        address = None
        for line in server.stderr:
            if found := re.search(r"http://127\.0\.0\.1:\d+/", line):
                address = found[0]
                break
        assert address, "no address was printed"
        with urllib.request.urlopen(address + "api/health") as answer:
            assert answer.status == 200
        server.terminate()
        assert server.wait(timeout=30) == 0
    assert (tmp_path / "var" / "jobs.sqlite").exists()
