# The job files of docs/array-jobs: each says what its engine reads, and what they run in a container is run here.
import json
import os
import re
import subprocess

import botocore.session
import pytest
import yaml
from botocore.validate import ParamValidator

from moongate import BINARY, ROOT, SANITIZER

FILES = ROOT / "docs/array-jobs"

# Members of Kubernetes' batch/v1 Job that the file may use, as its API reference has them.
JOB = {
    "apiVersion": "batch/v1",
    "kind": "Job",
    "metadata": {"generateName": str},
    "spec": {
        "completionMode": "Indexed",
        "completions": int,
        "parallelism": int,
        "backoffLimitPerIndex": int,
        "template": {
            "spec": {
                "serviceAccountName": str,
                "restartPolicy": "Never",  # a limit for each index wants it
                "containers": [
                    {
                        "name": str,
                        "image": str,
                        "env": [{"name": str, "value": str}],
                        "command": [str],
                        "args": [str],
                        "resources": {"requests": {"cpu": str, "memory": str}, "limits": {"memory": str}},
                        "volumeMounts": [{"name": str, "mountPath": str}],
                    }
                ],
                "volumes": [{"name": str, "persistentVolumeClaim": {"claimName": str}}],
            }
        },
    },
}


def check(value, schema, at="job"):
    if isinstance(schema, dict):
        assert isinstance(value, dict) and set(value) == set(schema), f"{at}: {value}"
        for name in schema:
            check(value[name], schema[name], f"{at}.{name}")
    elif isinstance(schema, list):
        assert isinstance(value, list) and value, f"{at}: {value}"
        for i, item in enumerate(value):
            check(item, schema[0], f"{at}[{i}]")
    elif isinstance(schema, type):
        assert type(value) is schema, f"{at}: {value!r} is no {schema.__name__}"
    else:
        assert value == schema, f"{at}: {value!r}"


@pytest.fixture
def job():
    return yaml.safe_load((FILES / "kubernetes.yaml").read_text())


@pytest.fixture
def definition():
    return json.loads((FILES / "aws-batch.json").read_text())


def test_kubernetes_reads_its_file(job):
    check(job, JOB)
    [container] = job["spec"]["template"]["spec"]["containers"]
    environment = {item["name"]: item["value"] for item in container["env"]}
    assert environment["MOONGATE_SHARD_COUNT"] == str(job["spec"]["completions"])
    mounted = {mount["name"] for mount in container["volumeMounts"]}
    assert mounted == {volume["name"] for volume in job["spec"]["template"]["spec"]["volumes"]}


def test_aws_batch_reads_its_file(definition):
    service = botocore.session.get_session().get_service_model("batch")
    shape = service.operation_model("RegisterJobDefinition").input_shape
    report = ParamValidator().validate(definition, shape)
    assert not report.has_errors(), report.generate_report()
    words = definition["containerProperties"]["command"]
    assert {word.removeprefix("Ref::") for word in words if word.startswith("Ref::")} == set(definition["parameters"])
    submission = {
        "jobName": "part-5", "jobQueue": "q", "jobDefinition": definition["jobDefinitionName"],
        "arrayProperties": {"size": 8},
        "containerOverrides": {"environment": [{"name": "MOONGATE_SHARD", "value": "5/8"}]},
    }  # fmt: skip
    assert not ParamValidator().validate(submission, service.operation_model("SubmitJob").input_shape).has_errors()


# What the containers run


@pytest.fixture
def container(tmp_path, gateway):
    """container(words, environment): runs a container's command with /parts in a folder; the code it ends with."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/moongate").symlink_to(BINARY)
    parts = tmp_path / "parts"
    parts.mkdir()

    def run(words, environment):
        words = [re.sub(r"/parts(?=[/\"])", str(parts), word) for word in words]
        path = f"{tmp_path}/bin:{os.environ['PATH']}"
        environment = {"HOME": str(tmp_path), "PATH": path, **SANITIZER, **gateway.environment, **environment}
        return subprocess.run(words, env=environment, cwd=tmp_path, capture_output=True).returncode

    run.parts = parts
    return run


def rows(folder):
    return sorted(line for file in folder.glob("*.jsonl") for line in file.read_text().splitlines())


MACHINES = 'show(shard(list_virtual_machines()), { "ResourceArn" })'


def replaced(words, gateway, code):
    """A container's words with another command behind `moongate`."""
    return [*words[: words.index("moongate") + 1], "--endpoint", gateway.endpoint, "-e", code]


def test_kubernetes_runs_each_index_and_only_what_is_missing(job, container, gateway):
    [described] = job["spec"]["template"]["spec"]["containers"]
    words = described["command"] + described["args"]
    environment = {item["name"]: item["value"] for item in described["env"]} | {"PARTS": f"{container.parts}/today"}

    def run(index, code=MACHINES):
        return container(replaced(words, gateway, code), environment | {"JOB_COMPLETION_INDEX": str(index)})

    assert run(3, MACHINES + " error('lost')") == 1
    assert not list(container.parts.glob("today/*.jsonl")), "what failed is no part"
    assert run(3, MACHINES + " exit(2)") == 0, "findings are no failure of the job"
    assert run(4, MACHINES + " exit(3)") == 3, "that something could not be looked at shows, and the rows are there"
    assert run(3, "error('a part that is done is run again')") == 0
    assert [run(index) for index in range(8)] == [0] * 8
    assert len(rows(container.parts / "today")) == len(set(rows(container.parts / "today"))) == 250


def test_aws_batch_runs_each_child_and_one_again(definition, container, gateway):
    words = definition["containerProperties"]["command"]

    def run(environment, code=MACHINES):
        return container(replaced(words, gateway, code), environment)

    def child(index):
        return {"AWS_BATCH_JOB_ARRAY_INDEX": str(index), "AWS_BATCH_JOB_ARRAY_SIZE": "8"}

    assert [run(child(index)) for index in range(8) if index != 4] == [0] * 7
    assert run(child(4), MACHINES + " error('lost')") == 1
    assert len(rows(container.parts)) < 250
    assert run({"MOONGATE_SHARD": "5/8"}) == 0
    assert len(rows(container.parts)) == len(set(rows(container.parts))) == 250
    assert sorted(file.name for file in container.parts.glob("*.jsonl")) == [f"{i}.jsonl" for i in range(1, 9)]
