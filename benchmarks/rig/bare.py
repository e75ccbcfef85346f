"""The least that Flask can do: a view that reads the argument and gives an answer made before.

The file that `BARE_ANSWER` names holds what the service answered: its body and its headers.
"""

import json
import os
from pathlib import Path

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue

app = Flask(__name__)
_answer = json.loads(Path(os.environ["BARE_ANSWER"]).read_text(encoding="utf-8"))
_body: bytes = _answer["body"].encode()
_headers: dict[str, str] = _answer["headers"]


@app.get("/api/v1/nearest")
def nearest() -> ResponseReturnValue:
    """Read the argument, and give the same to everybody."""
    request.args.get("postcode", "")
    return Response(_body, headers=_headers)
