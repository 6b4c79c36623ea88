"""``--reproducible`` gives the same bytes for any cores, BLAS settings and imports."""

import hashlib
import os
import subprocess
import sys

# The environment of each run, and the code that precedes it.
STARTS = {
    "two threads": ({"OPENBLAS_NUM_THREADS": "2"}, ""),
    "one BLAS thread": ({"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, ""),
    "scipy imported before": ({"OPENBLAS_NUM_THREADS": "2"}, "import scipy.linalg"),
    "one core": (
        {},
        "import os; hasattr(os, 'sched_setaffinity') and "
        "os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})",
    ),
}
RUN = "from item2vec.cli import main; main()"


def test_softmax_gives_the_same_bytes_on_any_number_of_cores(tmp_path):
    rows = [
        f"u{user},i{(user * user + place * place * 7) % 60},{place}\n"
        for user in range(80)
        for place in range(12)
    ]
    (tmp_path / "a.csv").write_text("user,item,time\n" + "".join(rows))
    options = ["--min-count", "1", "--epochs", "1", "--trainer", "softmax", "--reproducible"]
    digests = {}
    for name, (environment, begin) in STARTS.items():
        subprocess.run(
            [sys.executable, "-c", f"{begin}\n{RUN}", "train", "a.csv", *options, "-o", "m"],
            cwd=tmp_path,
            env={**os.environ, **environment},
            check=True,
            capture_output=True,
        )
        digests[name] = hashlib.sha256((tmp_path / "m").read_bytes()).hexdigest()
    assert len(set(digests.values())) == 1, digests
