"""Use cases, one class each: facts are stored first, everything else follows its rows."""
