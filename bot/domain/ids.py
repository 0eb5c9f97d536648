"""Names of things; the vendors' numbers stay when their names change."""

from typing import NewType

InstallationId = NewType("InstallationId", int)
RepoId = NewType("RepoId", int)
WorkflowId = NewType("WorkflowId", int)
RunId = NewType("RunId", int)
JobId = NewType("JobId", int)
LaneId = NewType("LaneId", int)
IncidentId = NewType("IncidentId", int)
CardId = NewType("CardId", int)
RetryId = NewType("RetryId", int)
NoticeId = NewType("NoticeId", int)
DeliveryId = NewType("DeliveryId", str)
PressId = NewType("PressId", str)
