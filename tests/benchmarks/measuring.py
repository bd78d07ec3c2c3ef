"""Parts of a benchmark as processes of their own, so that the peak memory of each is its own.

Belongs here: running and measuring a part. Does not belong here: what a part does (`pipeline`,
`identity`).
"""

import json
import subprocess
import sys
import time
from typing import Any

_CODE = """
import importlib, json, pathlib, resource, sys
module, part, home, *rest = json.loads(sys.argv[1])
result = dict(getattr(importlib.import_module(module), part)(pathlib.Path(home), *rest))
usages = [resource.getrusage(who).ru_maxrss for who in
          (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
result['peak_gib'] = max(usages) / 2**20
print('\\n' + json.dumps(result))
"""


def measured(module: str, part: str, *arguments: Any) -> dict[str, Any]:
    """Run a part as a process; add its wall time and the peak memory of it and of its children.

    Args:
        module: Where the part stands; as a name, since of a benchmark that runs it is `__main__`.
        part: A function of the deployment's folder and of what else it takes; it returns figures.
        arguments: What it is called with.
    """
    call = json.dumps([module, part, *arguments], default=str)
    started = time.perf_counter()
    finished = subprocess.run(
        [sys.executable, "-c", _CODE, call], stdout=subprocess.PIPE, text=True, check=True
    )
    wall = time.perf_counter() - started
    return {"wall": wall, **json.loads(finished.stdout.splitlines()[-1])}
