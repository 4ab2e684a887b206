# Scale-out on a scheduler that exists: which part of the work a run does, who says so, and how the parts are put together.
import json

import pytest

from moongate import read_line

MACHINES = "show(shard(list_virtual_machines()), { 'ResourceArn', 'Name', 'LastBackupDate' })"

# 18 targets of one local gateway: what a fleet lists stands for what a script finds in each.
FLEET = """
local regions = { "eu-central-1", "eu-central-2", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "us-east-1",
  "us-east-2", "us-west-1", "us-west-2", "sa-east-1", "ca-central-1", "ap-south-1", "ap-east-1", "ap-northeast-1",
  "ap-northeast-2", "ap-southeast-1", "ap-southeast-2" }
local all = fleet{ regions = regions }
"""


def lines(result, code=0):
    assert result.code == code, result.stderr
    return result.stdout.splitlines()


def parts(run, count):
    return [run(f"{index}/{count}") for index in range(1, count + 1)]


# What a part is


def test_the_parts_of_json_lines_are_the_whole(moongate, gateway):
    """`cat parts/*.jsonl` merges."""
    command, env = ["--endpoint", gateway.endpoint, "--output", "jsonl"], gateway.environment
    whole = lines(moongate(*command, "-e", MACHINES, env=env))
    ran = parts(lambda part: moongate(*command, "--shard", part, "-e", MACHINES, env=env), 4)
    assert len(whole) == 250
    assert sorted(sum((lines(result) for result in ran), [])) == sorted(whole)
    assert ran[1].line() == "moongate: this is part 2 of 4 (--shard)"


def test_a_fleet_has_the_targets_of_its_part(moongate):
    code = FLEET + "for _, target in ipairs(all:targets()) do print(target.region) end"
    whole = lines(moongate("--local", "-e", code))
    ran = parts(lambda part: moongate("--local", "--shard", part, "-e", code), 3)
    assert sorted(sum((lines(result) for result in ran), [])) == sorted(whole)
    assert all(lines(result) for result in ran)
    assert ran[0].line() == f"moongate: this is part 1 of 3 (--shard), {len(lines(ran[0]))} of 18 targets"


def test_what_a_fleet_lists_is_not_split_again(moongate):
    """A gateway of a target of part 2 would be nobody's if its own name said part 1."""
    code = FLEET + "print(shard(all.list_gateways()):count(), #shard(all.list_gateways():collect()), #shard(all:targets()))"
    counts = [
        [int(word) for word in lines(result)[0].split()]
        for result in parts(lambda part: moongate("--local", "--shard", part, "-e", code), 3)
    ]
    targets = [count for _, _, count in counts]
    assert sum(targets) == 18
    assert [listed for listed, _, _ in counts] == [collected for _, collected, _ in counts]
    whole = lines(moongate("--local", "-e", code))[0].split()
    assert sum(listed for listed, _, _ in counts) == int(whole[0])


def test_shared_code_has_the_same_part(moongate):
    file = moongate.write("count.lua", "-- @allow ListGateways\nprint(#fleet():targets(), fleet().list_gateways():count())")
    options = ["--local", "--regions", "eu-west-1,eu-west-2,us-east-1,us-east-2,sa-east-1"]
    own = parts(lambda part: moongate(*options, "--shard", part, file), 2)
    shared = parts(lambda part: moongate(*options, "--untrusted", "--shard", part, file), 2)
    assert [lines(result) for result in shared] == [lines(result) for result in own]
    assert "part 1 of 2 (--shard), " in shared[0].stderr


def test_a_snippet_of_the_library_in_parts_is_the_whole(moongate, gateway):
    command = ["--endpoint", gateway.endpoint, "--output", "jsonl", "--regions", "eu-west-1,us-east-1,us-west-2"]
    whole = lines(moongate(*command, "run", "fleet-sweep", env=gateway.environment), 2)
    ran = parts(lambda part: moongate(*command, "--shard", part, "run", "fleet-sweep", env=gateway.environment), 3)
    assert all(result.code in (0, 2) for result in ran), "a part without a finding has none to report"
    assert sorted("".join(result.stdout for result in ran).splitlines()) == sorted(whole)
    assert len(whole) == 3


def test_an_array_with_holes_is_gone_through_to_its_end(moongate):
    """What parallel collects beside errors has holes; what stood behind the first was in no part."""
    code = """
      local done = parallel({ 'a', 'b', 'c', 'd' }, function(x) return x ~= 'b' and x or error('no') end, { on_error = 'collect' })
      for _, item in ipairs(shard(done)) do print(item) end
    """
    ran = parts(lambda part: moongate("--local", "--shard", part, "-e", code), 2)
    assert sorted(sum((lines(result) for result in ran), [])) == ["a", "c", "d"]


def test_a_part_without_anything_ends_well(moongate):
    """A fleet of one target is one part's."""
    code = "show(fleet().list_gateways())"
    ran = parts(lambda part: moongate("--local", "--output", "jsonl", "--shard", part, "-e", code), 8)
    assert sorted(len(lines(result)) for result in ran) == [0] * 7 + [3]


def test_a_shard_behind_the_script_would_do_all_of_the_work(moongate):
    moongate.write("x.lua", "print(1)")
    result = moongate("--local", "x.lua", "--shard", "2/8")
    assert result.code == 252
    assert "--shard is Moongate's own option: put it before the script, as in moongate --shard 2/8 run x.lua" in result.stderr


ARNS = "for vm in shard(list_virtual_machines()) do print(vm.ResourceArn) end"


@pytest.mark.parametrize(
    "variables",
    [
        lambda i: {"MOONGATE_SHARD": f"{i + 1}/4"},
        lambda i: {"AWS_BATCH_JOB_ARRAY_INDEX": i, "AWS_BATCH_JOB_ARRAY_SIZE": 4},
        lambda i: {"SLURM_ARRAY_TASK_ID": i, "SLURM_ARRAY_TASK_COUNT": 4, "SLURM_ARRAY_TASK_MIN": 0},
        lambda i: {"CI_NODE_INDEX": i + 1, "CI_NODE_TOTAL": 4},
        lambda i: {"JOB_COMPLETION_INDEX": i, "MOONGATE_SHARD_COUNT": 4},
    ],
)
def test_the_parts_are_the_whole_and_do_not_meet(moongate, variables):
    ran = []
    for i in range(4):
        env = {name: str(value) for name, value in variables(i).items()}
        ran.append(lines(moongate("--local", "-e", ARNS, env=env)))
    assert all(35 < len(part) < 90 for part in ran), "parts are about as large as each other"
    assert len(sum(ran, [])) == len(set(sum(ran, []))) == 250


def test_alone_everything_is_ones_part(moongate):
    code = "local vms = list_virtual_machines() assert(shard(vms) == vms and #shard{ 1, 2, 3 } == 3)"
    result = moongate("--local", "-e", code)
    assert (result.code, result.stderr) == (0, "")


def test_tables_without_an_arn_go_by_their_place(moongate):
    code = "local s = shard{ { n = 1 }, { n = 2 }, { n = 3 }, { n = 4 } } assert(#s == 2 and s[1].n == 2 and s[2].n == 4)"
    assert moongate("--local", "--shard", "2/2", "-e", code).code == 0


# Who says which part it is

COUNT = "print(shard(list_virtual_machines()):count())"
SLURM = {"SLURM_ARRAY_TASK_ID": "2", "SLURM_ARRAY_TASK_COUNT": "4", "SLURM_ARRAY_TASK_MIN": "1"}


@pytest.mark.parametrize(
    "options, variables, source",
    [
        (["--shard", "2/4"], {}, "--shard"),
        (["--shard", "2/4"], {"SLURM_ARRAY_TASK_ID": "5", "SLURM_ARRAY_TASK_COUNT": "1"}, "--shard"),
        (["--shard", "2/4"], {"MOONGATE_SHARD": "2/4"}, "--shard"),
        ([], {"MOONGATE_SHARD": "2/4", "JOB_COMPLETION_INDEX": "1"}, "MOONGATE_SHARD"),
        ([], SLURM, "SLURM_ARRAY_TASK_ID"),
        ([], {"JOB_COMPLETION_INDEX": "1", "MOONGATE_SHARD_COUNT": "4"}, "JOB_COMPLETION_INDEX"),
        ([], {"AWS_BATCH_JOB_ARRAY_INDEX": "1", "AWS_BATCH_JOB_ARRAY_SIZE": "4"}, "AWS_BATCH_JOB_ARRAY_INDEX"),
        ([], {"CI_NODE_INDEX": "2", "CI_NODE_TOTAL": "4", **SLURM}, "SLURM_ARRAY_TASK_ID"),
    ],
)
def test_the_command_line_says_it_or_a_scheduler_does(moongate, options, variables, source):
    result = moongate("--local", *options, "-e", COUNT, env=variables)
    assert result.line() == f"moongate: this is part 2 of 4 ({source})"
    assert lines(result) == lines(moongate("--local", "--shard", "2/4", "-e", COUNT))


@pytest.mark.parametrize(
    "options, variables, words",
    [
        (["--shard", "0/8"], {}, "--shard must be a part of a whole, as in 2/8, not '0/8'"),
        (["--shard", "9/8"], {}, "not '9/8'"),
        (["--shard", "2"], {}, "not '2'"),
        (["--shard", "1/2", "--shard", "2/2"], {}, "give --shard once"),
        (["--shard", "1/4"], {"MOONGATE_SHARD": "2/4"}, "--shard says part 1 of 4, and MOONGATE_SHARD part 2 of 4"),
        (["--shard", "1/4"], {"JOB_COMPLETION_INDEX": "3"}, "but JOB_COMPLETION_INDEX is 3, counted from 0"),
        ([], {"MOONGATE_SHARD": "1/4", "AWS_BATCH_JOB_ARRAY_INDEX": "3"}, "the same for all of the array's runs?"),
        ([], {"CI_NODE_INDEX": "1", "CI_NODE_TOTAL": "4", **SLURM}, "says part 2 of 4, and CI_NODE_INDEX part 1 of 4"),
        ([], {"MOONGATE_SHARD_COUNT": "8", **SLURM}, "SLURM_ARRAY_TASK_COUNT is 4 and MOONGATE_SHARD_COUNT is '8'"),
        ([], {"JOB_COMPLETION_INDEX": "1", "MOONGATE_SHARD_COUNT": "four"}, "no part of a whole"),
        ([], {"JOB_COMPLETION_INDEX": "3"}, "MOONGATE_SHARD_COUNT, which says of how many, is not set"),
        ([], {"AWS_BATCH_JOB_ARRAY_INDEX": "4", "AWS_BATCH_JOB_ARRAY_SIZE": "4"}, "no part of a whole"),
        ([], {"CI_NODE_INDEX": "x", "CI_NODE_TOTAL": "4"}, "no part of a whole"),
        ([], {"MOONGATE_SHARD": "two"}, "MOONGATE_SHARD must be a part of a whole, as in 2/8, not 'two'"),
    ],
)
def test_a_part_that_cannot_be_told_is_an_error(moongate, options, variables, words):
    """Every run would do all of the work, or none of some of it."""
    result = moongate("--local", *options, "-e", COUNT, env=variables)
    assert (result.code, result.stdout) == (252, "")
    assert words in result.stderr
    # Who neither names a part nor asks for one is not told.
    assert options or moongate("--local", "-e", "print(1)", env=variables).code == 0


@pytest.mark.parametrize("first, count", [(5, 1), (1, 1), (3, 2)])
def test_a_part_that_slurm_runs_again_is_not_taken_for_the_whole(moongate, first, count):
    """`sbatch --array=5` tells its only task that it is one of one; `--array=3,4` that they are two."""
    task = {"SLURM_ARRAY_TASK_ID": first, "SLURM_ARRAY_TASK_COUNT": count, "SLURM_ARRAY_TASK_MIN": first}
    result = moongate("--local", "-e", COUNT, env={name: str(value) for name, value in task.items()})
    assert result.code == 252
    assert "as when a part of a larger one is run again; say --shard, as in 2/8" in result.stderr


# What a killed run leaves behind

# Rows without an end, some of them longer than any buffer.
ENDLESS = """
-- @limit calls=100000
local i = 0
show(function()
  i = i + 1
  if i == 2000 then warn("many") end
  return { i = i, text = string.rep("x", i % 97 == 0 and 70000 or i % 700) }
end)
"""


@pytest.mark.parametrize("options", [[], ["--untrusted"]], ids=["own", "shared"])
def test_a_killed_run_leaves_whole_rows(moongate, options):
    script = moongate.write("endless.lua", ENDLESS)
    part = moongate.folder / "part.jsonl"
    # Only whole rows are written; but Linux ends a write of more than a page between two pages when SIGKILL comes.
    for _ in range(3):
        with part.open("wb") as file:
            process = moongate.start("--local", "--output", "jsonl", *options, script, stdout=file)
            read_line(process, process.stderr)
            process.kill()
            process.communicate()
        rows = part.read_text()
        if rows.endswith("\n"):
            break
    assert rows.endswith("\n")
    assert [json.loads(row)["i"] for row in rows.splitlines()] == list(range(1, rows.count("\n") + 1))
