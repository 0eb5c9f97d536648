"""Why a job failed: log bytes in, a diagnosis out. Pure; it opens nothing but rule files."""

from bot.diagnosis.context import Annotation, Context, Step
from bot.diagnosis.loading import RuleError
from bot.diagnosis.reader import Reader, diagnose
from bot.diagnosis.redaction import redact
from bot.diagnosis.rule import Rule
from bot.diagnosis.ruleset import RuleSet, load_rules
from bot.diagnosis.sketch import Sketch
from bot.diagnosis.sketching import Sketcher, green_sketch

__all__ = [
    "Annotation",
    "Context",
    "Reader",
    "Rule",
    "RuleError",
    "RuleSet",
    "Sketch",
    "Sketcher",
    "Step",
    "diagnose",
    "green_sketch",
    "load_rules",
    "redact",
]
