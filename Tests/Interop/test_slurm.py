# The job file for Slurm, run by Slurm: one node on loopback, its daemons in the foreground, all that they keep in a folder of
# this test. It needs Debian's packages (scripts/setup --slurm) and root, so scripts/test runs it with --long only.
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time

import pytest

from moongate import BINARY, PATIENCE, ROOT

pytestmark = pytest.mark.skipif(
    "MOONGATE_SLURM" not in os.environ, reason="takes a minute and Slurm; scripts/test --long runs it"
)

CONFIGURATION = """
ClusterName=moongate
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmctldPort={controller}
SlurmdPort={daemon}
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
# A sandbox has neither cgroups nor a database for accounts.
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
ReturnToService=2
NodeName=node NodeHostname={host} NodeAddr=127.0.0.1 CPUs=4 RealMemory=1000
PartitionName=main Nodes=node Default=YES MaxTime=INFINITE State=UP
"""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def eventually(condition, what, processes=()):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        for process in processes:
            assert process.poll() is None, f"{process.args[0]} ended: {process.log.read_text()[-2000:]}"
        if answer := condition():
            return answer
        time.sleep(0.05)
    pytest.fail(f"{what}: not within {PATIENCE} s")


class Slurm:
    """A cluster of one node; a context manager that ends exactly the processes it started."""

    def __init__(self, folder):
        self.folder = folder
        self.processes = []
        self.environment = {
            "PATH": f"{folder}/bin:{os.environ['PATH']}:/usr/sbin:/sbin",
            "HOME": str(folder),
            "LC_ALL": "C.UTF-8",
            "SLURM_CONF": str(folder / "slurm.conf"),
        }

    def start(self, *words):
        log = self.folder / f"{words[0]}.log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                words, env=self.environment, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=file, stderr=file
            )
        process.log = log
        self.processes.append(process)

    def __call__(self, *words):
        words = [str(word) for word in words]
        return subprocess.run(words, env=self.environment, cwd=self.folder, capture_output=True, text=True)

    def __enter__(self):
        for name, mode in (("munge", 0o755), ("state", 0o700), ("spool", 0o700), ("bin", 0o755)):
            (self.folder / name).mkdir(mode=mode)
        (self.folder / "bin/moongate").symlink_to(BINARY)
        key = self.folder / "munge/key"
        key.touch(mode=0o600)
        key.write_bytes(os.urandom(128))
        (self.folder / "slurm.conf").write_text(
            CONFIGURATION.format(
                host=socket.gethostname().split(".")[0], user=pwd.getpwuid(os.getuid()).pw_name, folder=self.folder,
                controller=free_port(), daemon=free_port(),
            )
        )  # fmt: skip
        try:
            files = ("key-file=key", "socket=socket", "pid-file=pid", "log-file=log", "seed-file=seed")
            places = [f"--{name}={self.folder}/munge/{place}" for name, place in (file.split("=") for file in files)]
            # A temporary folder stands below one that all may write to, which munged does not like.
            self.start("munged", "--foreground", "--force", *places)
            eventually(lambda: (self.folder / "munge/socket").exists(), "munged", self.processes)
            self.start("slurmctld", "-D", "-i")
            self.start("slurmd", "-D")
            eventually(lambda: "idle" in self("sinfo", "-h", "-o", "%T").stdout, "an idle node", self.processes)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def submit(self, *words):
        done = self("sbatch", "--parsable", *words)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def wait(self, job):
        eventually(lambda: not self("squeue", "-h", "-j", job).stdout.strip(), f"the end of job {job}", self.processes)


@pytest.fixture(scope="module")
def slurm(tmp_path_factory):
    path = os.environ["PATH"] + ":/usr/sbin"
    missing = [name for name in ("munged", "slurmctld", "slurmd", "sbatch") if not shutil.which(name, path=path)]
    assert not missing, f"{missing} are not installed; scripts/setup --slurm does that"
    with Slurm(tmp_path_factory.mktemp("slurm")) as running:
        yield running


FILE = ROOT / "docs/array-jobs/slurm.sbatch"
MACHINES = "show(shard(list_virtual_machines()), { 'ResourceArn', 'Name', 'LastBackupDate' })"


def rows(file):
    return file.read_text().splitlines()


def merged(folder):
    return sorted(line for part in folder.glob("*.jsonl") for line in rows(part))


@pytest.fixture
def sweep(slurm, gateway, tmp_path):
    """sweep(code, *options) submits the file from an empty folder, and gives the number of the job."""
    slurm.environment |= gateway.environment

    def run(code, *options):
        (tmp_path / "sweep.lua").write_text(code)
        return slurm.submit("--chdir", tmp_path, *options, FILE, "--endpoint", gateway.endpoint, "run", "./sweep.lua")

    run.parts = tmp_path / "parts"
    run.logs = tmp_path
    return run


def test_eight_tasks_give_the_rows_of_one_run(slurm, sweep, gateway, moongate):
    alone = moongate("--endpoint", gateway.endpoint, "--output", "jsonl", "-e", MACHINES, env=gateway.environment)
    begun = time.monotonic()
    slurm.wait(sweep(MACHINES))
    print(f"8 tasks: {time.monotonic() - begun:.1f} s, {len(merged(sweep.parts))} rows")
    assert sorted(part.name for part in sweep.parts.iterdir()) == [f"{i}.jsonl" for i in range(1, 9)]
    assert merged(sweep.parts) == sorted(alone.stdout.splitlines())
    assert len(merged(sweep.parts)) == 250


# Long rows, so that some are out before the end, and slow enough to be killed between two.
SLOW = """
show(shard(list_virtual_machines()), { "ResourceArn", { "text", function() sleep(0.2) return string.rep("x", 3000) end } })
"""


def test_a_task_that_was_killed_is_run_again_alone(slurm, sweep, gateway, moongate):
    job = sweep(SLOW)
    half = sweep.parts / ".5"
    eventually(lambda: half.exists() and half.stat().st_size > 0, "the fifth task's first rows")
    killed = slurm("scancel", "--full", "--signal=KILL", f"{job}_5")
    assert killed.returncode == 0, killed.stderr
    slurm.wait(job)
    assert sorted(part.name for part in sweep.parts.glob("*.jsonl")) == [f"{i}.jsonl" for i in range(1, 9) if i != 5]
    assert all(json.loads(row)["text"] for row in rows(half)), "what it left are whole rows"
    others = {part: part.stat().st_mtime_ns for part in sweep.parts.glob("*.jsonl")}
    print(f"killed after {len(rows(half))} rows, {len(merged(sweep.parts))} rows in the other parts")

    slurm.wait(sweep(MACHINES, "--array=5"))
    assert {part: part.stat().st_mtime_ns for part in others} == others
    alone = moongate("--endpoint", gateway.endpoint, "--output", "jsonl", "-e", MACHINES, env=gateway.environment)
    arns = [json.loads(row)["ResourceArn"] for row in merged(sweep.parts)]
    assert sorted(arns) == sorted(json.loads(row)["ResourceArn"] for row in alone.stdout.splitlines())


def test_a_task_that_takes_itself_for_the_whole_is_refused(slurm, sweep, gateway):
    """Slurm tells a single task that is run again that it is one of one."""
    file = sweep.logs / "bare.sbatch"
    file.write_text(f"#!/bin/bash\n#SBATCH --output=bare.log\nmoongate --endpoint {gateway.endpoint} -e \"{MACHINES}\"\n")
    slurm.wait(slurm.submit("--chdir", sweep.logs, "--array=5", file))
    assert "as when a part of a larger one is run again; say --shard" in (sweep.logs / "bare.log").read_text()
