-- All that Smokejumper 0.1.0 stores, written by that version; it is never edited.
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE attempt (
	id INTEGER NOT NULL, 
	attempt INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	repo INTEGER NOT NULL, 
	workflow INTEGER NOT NULL, 
	workflow_name VARCHAR NOT NULL, 
	event VARCHAR NOT NULL, 
	head_branch VARCHAR, 
	head_repo INTEGER, 
	sha VARCHAR NOT NULL, 
	status VARCHAR NOT NULL, 
	conclusion VARCHAR, 
	title TEXT NOT NULL, 
	actor VARCHAR NOT NULL, 
	triggering_actor VARCHAR NOT NULL, 
	author VARCHAR NOT NULL, 
	url TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	lane INTEGER, 
	CONSTRAINT pk_attempt PRIMARY KEY (id, attempt), 
	CONSTRAINT fk_attempt_lane FOREIGN KEY(lane) REFERENCES lane (id)
);
INSERT INTO "attempt" VALUES(812,1,40,7,3,'CI','push','main',7,'1a2b3c4','completed','failure','Bump elixir','ana','bo','Ana','https://github.example/runs/812','2026-03-01 11:50:00.123456','2026-03-01 12:00:00.123456',1);
INSERT INTO "attempt" VALUES(812,2,40,7,3,'CI','push','main',7,'1a2b3c4','completed','success','Bump elixir','ana','bo','Ana','https://github.example/runs/812','2026-03-01 11:50:00.123456','2026-03-01 12:00:00.123456',1);
INSERT INTO "attempt" VALUES(1,1,40,7,3,'CI','push',NULL,NULL,'1a2b3c4','queued',NULL,'Bump elixir','ana','bo','Ana','https://github.example/runs/812','2026-03-01 11:50:00.123456','2026-03-01 12:00:00.123456',NULL);
CREATE TABLE card (
	id INTEGER NOT NULL, 
	incident INTEGER NOT NULL, 
	platform VARCHAR NOT NULL, 
	channel VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	message VARCHAR NOT NULL, 
	thread VARCHAR NOT NULL, 
	told INTEGER NOT NULL, 
	shown VARCHAR NOT NULL, 
	tries INTEGER NOT NULL, 
	tried_at DATETIME, 
	CONSTRAINT pk_card PRIMARY KEY (id), 
	CONSTRAINT fk_card_incident FOREIGN KEY(incident) REFERENCES incident (id), 
	CONSTRAINT uq_card_incident_platform_channel UNIQUE (incident, platform, channel)
);
INSERT INTO "card" VALUES(1,1,'slack','C1','shown','171.5','171.5',3,'digest',1,'2026-03-01 12:00:00.123456');
INSERT INTO "card" VALUES(2,2,'discord','99','wanted','','',0,'',0,NULL);
CREATE TABLE delivery (
	id VARCHAR NOT NULL, 
	event VARCHAR NOT NULL, 
	repo INTEGER, 
	received_at DATETIME NOT NULL, 
	body BLOB NOT NULL, 
	done_at DATETIME, 
	outcome TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_delivery PRIMARY KEY (id)
);
INSERT INTO "delivery" VALUES('d-done','push',7,'2026-03-01 12:00:00.123456',X'28B52FFD2016B100007B22616374696F6E223A22636F6D706C65746564227D','2026-03-01 12:00:30.123456','triaged');
INSERT INTO "delivery" VALUES('d-waits','push',NULL,'2026-03-01 12:00:00.123456',X'28B52FFD20021100007B7D',NULL,'');
CREATE TABLE diagnosis (
	job INTEGER NOT NULL, 
	repo INTEGER NOT NULL, 
	run INTEGER NOT NULL, 
	attempt INTEGER NOT NULL, 
	job_name VARCHAR NOT NULL, 
	step VARCHAR NOT NULL, 
	sha VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	diagnosis TEXT, 
	cause VARCHAR, 
	confidence FLOAT, 
	rule VARCHAR, 
	fingerprint VARCHAR, 
	CONSTRAINT pk_diagnosis PRIMARY KEY (job)
);
INSERT INTO "diagnosis" VALUES(2,7,812,1,'build (linux/arm64)','Build','1a2b3c4','2026-03-01 12:00:00.123456',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "diagnosis" VALUES(2000000000001,7,812,1,'build (linux/arm64)','Build','1a2b3c4','2026-03-01 12:00:00.123456','{"cause":"registry_5xx","confidence":0.9,"retry":"once","wait":"PT120.005S","reason":"the registry answered 503","rule":"docker/push-5xx","fingerprint":"registry_5xx:push","excerpt":[{"number":812,"text":"#19 ERROR: \u001b 503   end"}],"names":["test_a"],"redacted":2,"notes":["the log was cut"]}','registry_5xx',0.9,'docker/push-5xx','registry_5xx:push');
CREATE TABLE due (
	kind VARCHAR NOT NULL, 
	id VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	due_at DATETIME NOT NULL, 
	tries INTEGER NOT NULL, 
	claim DATETIME, 
	CONSTRAINT pk_due PRIMARY KEY (kind, id)
);
INSERT INTO "due" VALUES('delivery','d-waits','hook','2026-03-01 12:00:00.123456',0,NULL);
INSERT INTO "due" VALUES('card','1','incident:1','2026-03-01 12:01:00.123456',1,'2026-03-01 12:01:00.123456');
INSERT INTO "due" VALUES('watch','1','incident:1','2026-03-01 12:10:00.123456',0,NULL);
CREATE TABLE incident (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	lane_id INTEGER NOT NULL, 
	state VARCHAR NOT NULL, 
	workflow VARCHAR NOT NULL, 
	opened_at DATETIME NOT NULL, 
	red_since DATETIME NOT NULL, 
	run INTEGER NOT NULL, 
	attempt INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	sha VARCHAR NOT NULL, 
	streak INTEGER NOT NULL, 
	early BOOLEAN NOT NULL, 
	last_green_run INTEGER, 
	last_green_sha VARCHAR NOT NULL, 
	last_green_at DATETIME, 
	cause VARCHAR, 
	reason TEXT NOT NULL, 
	diagnosed TEXT, 
	jobs INTEGER NOT NULL, 
	suspects TEXT NOT NULL, 
	outlook TEXT NOT NULL, 
	log_wait TEXT NOT NULL, 
	green_run INTEGER, 
	green_attempt INTEGER NOT NULL, 
	owner TEXT, 
	called_at DATETIME, 
	ended_at DATETIME, 
	ending VARCHAR, 
	ended_by TEXT NOT NULL, 
	broken_jobs TEXT NOT NULL, 
	CONSTRAINT fk_incident_lane_id FOREIGN KEY(lane_id) REFERENCES lane (id)
);
INSERT INTO "incident" VALUES(1,1,'open','','2026-03-01 12:00:00.123456','2026-03-01 11:50:00.123456',812,1,40,'1a2b3c4',1,0,NULL,'',NULL,NULL,'',NULL,0,'[]','','',NULL,0,NULL,NULL,NULL,NULL,'','[]');
INSERT INTO "incident" VALUES(2,2,'ended','CI','2026-03-01 12:00:00.123456','2026-03-01 11:50:00.123456',812,2,40,'1a2b3c4',3,1,800,'0000000','2026-03-01 11:50:00.123456','registry_5xx','the registry answered 503','[812,2]',12,'[{"sha":"1a2b3c4","title":"Bump `elixir`","author":"ana","url":"https://x.example"}]','a retry did not help','GitHub is down',813,1,'{"platform":"slack","id":"U1","name":"ana"}','2026-03-01 12:00:00.123456','2026-03-01 12:10:00.123456','green','retry by the bot (attempt 2)','["build","test \"é\""]');
CREATE TABLE job (
	id INTEGER NOT NULL, 
	repo INTEGER NOT NULL, 
	run INTEGER NOT NULL, 
	attempt INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	status VARCHAR NOT NULL, 
	conclusion VARCHAR, 
	steps TEXT NOT NULL, 
	url TEXT NOT NULL, 
	environment VARCHAR NOT NULL, 
	started_at DATETIME, 
	completed_at DATETIME, 
	CONSTRAINT pk_job PRIMARY KEY (id)
);
INSERT INTO "job" VALUES(2000000000001,7,812,1,'build (linux/arm64)','completed','failure','[{"number":1,"name":"Set up job","conclusion":"success","started_at":"2026-03-01T11:50:00.123456Z","completed_at":null},{"number":2,"name":"Build","conclusion":"failure","started_at":null,"completed_at":"2026-03-01T12:00:00.123456Z"},{"number":3,"name":"Push","conclusion":null,"started_at":null,"completed_at":null}]','https://github.example/jobs/1','production','2026-03-01 11:50:00.123456','2026-03-01 12:00:00.123456');
CREATE TABLE lane (
	id INTEGER NOT NULL, 
	repo INTEGER NOT NULL, 
	workflow INTEGER NOT NULL, 
	kind VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	CONSTRAINT pk_lane PRIMARY KEY (id), 
	CONSTRAINT uq_lane_repo_workflow_kind_name UNIQUE (repo, workflow, kind, name)
);
INSERT INTO "lane" VALUES(1,7,3,'push','main');
INSERT INTO "lane" VALUES(2,7,3,'tag','main');
CREATE TABLE press (
	id VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	platform VARCHAR NOT NULL, 
	channel VARCHAR NOT NULL, 
	"by" TEXT NOT NULL, 
	target TEXT, 
	message VARCHAR NOT NULL, 
	arguments TEXT NOT NULL, 
	token TEXT NOT NULL, 
	received_at DATETIME NOT NULL, 
	answer TEXT, 
	done_at DATETIME, 
	outcome TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_press PRIMARY KEY (id)
);
INSERT INTO "press" VALUES('trigger-1','button','retry','slack','C1','{"platform":"slack","id":"U1","name":"ana"}','{"incident":12,"run":812,"attempt":1}','171.5','{"scope":"failed"}','https://hooks.example/answer','2026-03-01 12:00:00.123456','I retry it now.',NULL,'');
CREATE TABLE program (
	oldest VARCHAR NOT NULL, 
	CONSTRAINT pk_program PRIMARY KEY (oldest)
);
INSERT INTO "program" VALUES('0.1.0');
CREATE TABLE ref (
	repo INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	CONSTRAINT pk_ref PRIMARY KEY (repo, name)
);
INSERT INTO "ref" VALUES(7,'main','branch');
INSERT INTO "ref" VALUES(7,'v1','tag');
CREATE TABLE repository (
	id INTEGER NOT NULL, 
	full_name VARCHAR NOT NULL, 
	private BOOLEAN NOT NULL, 
	default_branch VARCHAR NOT NULL, 
	url TEXT NOT NULL, 
	installation INTEGER, 
	updated_at DATETIME, 
	CONSTRAINT pk_repository PRIMARY KEY (id)
);
INSERT INTO "repository" VALUES(7,'acme/app',1,'main','https://github.example/acme/app',5,'2026-03-01 12:00:00.123456');
INSERT INTO "repository" VALUES(8,'acme/bare',0,'main','https://github.example/acme/app',NULL,NULL);
CREATE TABLE retry (
	id INTEGER NOT NULL, 
	incident INTEGER NOT NULL, 
	repo INTEGER NOT NULL, 
	run INTEGER NOT NULL, 
	attempt INTEGER NOT NULL, 
	scope VARCHAR NOT NULL, 
	debug BOOLEAN NOT NULL, 
	"by" TEXT, 
	confirmed BOOLEAN NOT NULL, 
	why TEXT NOT NULL, 
	due_at DATETIME NOT NULL, 
	state VARCHAR NOT NULL, 
	outcome TEXT NOT NULL, 
	tries INTEGER NOT NULL, 
	tried_at DATETIME, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_retry PRIMARY KEY (id), 
	CONSTRAINT fk_retry_incident FOREIGN KEY(incident) REFERENCES incident (id)
);
INSERT INTO "retry" VALUES(1,2,7,812,1,'all',1,'{"platform":"slack","id":"U1","name":"ana"}',1,'this usually passes','2026-03-01 12:00:30.123456','sent','asked',1,'2026-03-01 12:00:00.123456','2026-03-01 12:00:00.123456');
INSERT INTO "retry" VALUES(2,1,7,812,2,'all',1,NULL,1,'this usually passes','2026-03-01 12:00:30.123456','waiting','asked',1,NULL,'2026-03-01 12:00:00.123456');
CREATE TABLE sketch (
	lane INTEGER NOT NULL, 
	job_name VARCHAR NOT NULL, 
	run INTEGER NOT NULL, 
	body BLOB NOT NULL, 
	CONSTRAINT pk_sketch PRIMARY KEY (lane, job_name)
);
INSERT INTO "sketch" VALUES(1,'build',800,X'00FF');
CREATE TABLE timeline (
	incident INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	kind VARCHAR NOT NULL, 
	source VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	who VARCHAR NOT NULL, 
	what TEXT NOT NULL, 
	CONSTRAINT pk_timeline PRIMARY KEY (incident, seq), 
	CONSTRAINT fk_timeline_incident FOREIGN KEY(incident) REFERENCES incident (id), 
	CONSTRAINT uq_timeline_incident_kind_source UNIQUE (incident, kind, source)
);
INSERT INTO "timeline" VALUES(1,1,'cause','812/1','2026-03-01 12:00:00.123456','the bot','503');
INSERT INTO "timeline" VALUES(2,1,'cause','812/1','2026-03-01 12:00:00.123456','the bot','503');
CREATE INDEX ix_diagnosis_repo_fingerprint ON diagnosis (repo, fingerprint);
CREATE INDEX ix_diagnosis_repo_sha ON diagnosis (repo, sha);
CREATE INDEX ix_diagnosis_run_attempt ON diagnosis (run, attempt);
CREATE INDEX ix_due_due_at ON due (due_at);
CREATE INDEX ix_job_run_attempt ON job (run, attempt);
CREATE INDEX ix_attempt_green ON attempt (lane, number) WHERE conclusion = 'success';
CREATE INDEX ix_attempt_lane_number_attempt ON attempt (lane, number, attempt);
CREATE INDEX ix_attempt_unplaced ON attempt (repo, head_branch) WHERE lane IS NULL;
CREATE UNIQUE INDEX uq_incident_open ON incident (lane_id) WHERE state <> 'ended';
CREATE INDEX ix_incident_lane_id_id ON incident (lane_id, id);
CREATE INDEX ix_card_platform_channel_message ON card (platform, channel, message);
CREATE INDEX ix_retry_incident ON retry (incident);
CREATE INDEX ix_retry_run ON retry (run);
CREATE UNIQUE INDEX uq_retry_live ON retry (run, attempt) WHERE state IN ('done_elsewhere', 'sent', 'waiting');
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('incident',2);
COMMIT;
