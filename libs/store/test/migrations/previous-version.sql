-- What the first version writes in the life of one study, statement by statement, as its code had
-- it. The statements must go on working on every later schema: during a rollout the old version
-- runs beside the new one. Never edited; a release adds a file of its own.

INSERT INTO tenant (id) VALUES ('clinic') ON CONFLICT DO NOTHING;
INSERT INTO api_key (id, tenant_id, name, role, hash)
  VALUES ('00000000000000000000000000000001', 'clinic', 'pacs', 'sender', 'h1')
  ON CONFLICT (hash) DO NOTHING;
INSERT INTO audit (tenant_id, key_id, action, target, detail)
  VALUES ('clinic', '00000000000000000000000000000001', 'key.create', 'x', '{"role": "sender"}');

-- ingest
INSERT INTO study (id, tenant_id, study_uid, state, lane, tags)
  VALUES ('00000000000000000000000000000010', 'clinic', '2.25.10', 'receiving', 'routine', '{}')
  ON CONFLICT (tenant_id, study_uid) DO NOTHING;
INSERT INTO series (id, study_id, series_uid, modality, tags)
  VALUES ('00000000000000000000000000000020', '00000000000000000000000000000010', '2.25.20', 'MR', '{}')
  ON CONFLICT (study_id, series_uid) DO NOTHING;
INSERT INTO instance (id, tenant_id, study_id, series_id, sop_instance_uid, sop_class_uid,
    transfer_syntax, kind, blob, bytes, facts)
  VALUES ('00000000000000000000000000000030', 'clinic', '00000000000000000000000000000010',
    '00000000000000000000000000000020', '2.25.30', '1.2.840.10008.5.1.4.1.1.4',
    '1.2.840.10008.1.2.1', 'dicom', repeat('a', 64), 1234, '{"rows": 8}')
  ON CONFLICT (tenant_id, sop_instance_uid) DO NOTHING;
UPDATE study SET instance_count = instance_count + 1, last_instance_at = now(),
    lane = coalesce(NULL, lane), expected_instances = coalesce(NULL, expected_instances)
  WHERE id = '00000000000000000000000000000010';
UPDATE series SET instance_count = instance_count + 1
  WHERE id = '00000000000000000000000000000020';
UPDATE study SET state = 'closed', close_reason = 'request', closed_at = now(),
    completed_at = NULL, state_since = now(), plan_reason = 'closed'
  WHERE study.state = 'receiving' AND id = '00000000000000000000000000000010';

-- plan
INSERT INTO run (id, study_id, number, reason, state, unfinished, created_at)
  SELECT '00000000000000000000000000000040', '00000000000000000000000000000010',
    coalesce(max(number), 0) + 1, 'closed', 'active', 1, clock_timestamp()
  FROM run WHERE study_id = '00000000000000000000000000000010';
INSERT INTO task (id, run_id, study_id, series_id, tenant_id, lane, model_id, model_version,
    manifest, slices, state)
  VALUES ('00000000000000000000000000000050', '00000000000000000000000000000040',
    '00000000000000000000000000000010', '00000000000000000000000000000020', 'clinic', 'routine',
    'tiny-brain', '1.0.0', repeat('b', 64), 1, 'pending');
INSERT INTO refusal (id, run_id, study_id, series_id, model_id, code, facts)
  VALUES ('00000000000000000000000000000060', '00000000000000000000000000000040',
    '00000000000000000000000000000010', '00000000000000000000000000000020', 'other-model',
    'wrong-body-part', '{}');
UPDATE study SET plan_reason = NULL, state_since = now()
  WHERE id = '00000000000000000000000000000010';

-- dispatch
INSERT INTO worker (id, capacity, models, provider, seen_at)
  VALUES ('w1', 8, ARRAY['tiny-brain@1.0.0'], 'cpu', now())
  ON CONFLICT (id) DO UPDATE SET capacity = excluded.capacity, models = excluded.models,
    provider = excluded.provider, seen_at = excluded.seen_at
  WHERE worker.seen_at <= excluded.seen_at;
INSERT INTO dispatch_share (lane, tenant_id, pass) VALUES ('routine', 'clinic', 1)
  ON CONFLICT (lane, tenant_id) DO UPDATE SET pass = excluded.pass;
UPDATE task SET state = 'dispatched', attempt = attempt + 1, dispatched_at = now(),
    dispatched_lane = 'routine', state_since = now()
  WHERE id = '00000000000000000000000000000050' AND state = 'pending';

-- record
INSERT INTO prediction (id, task_id, run_id, study_id, series_id, tenant_id, model_id,
    model_version, model_sha256, evidence, provider, label, probability, result, result_blob,
    attempt, wait_ms, persist_ms, created_at)
  VALUES ('00000000000000000000000000000070', '00000000000000000000000000000050',
    '00000000000000000000000000000040', '00000000000000000000000000000010',
    '00000000000000000000000000000020', 'clinic', 'tiny-brain', '1.0.0', repeat('c', 64),
    'research', 'cpu', 'dark', 0.7, '{"slices": []}', repeat('d', 64), 1, 20, 5, now());
UPDATE task SET state = 'done', failures = 0, isolate = false, error_code = NULL,
    error_detail = NULL, history = '[]', state_since = now(), finished_at = now()
  WHERE id = '00000000000000000000000000000050' AND attempt = 1
    AND state IN ('dispatched', 'running');
UPDATE run SET unfinished = unfinished - 1, state = 'complete', completed_at = now()
  WHERE id = '00000000000000000000000000000040';
UPDATE study SET state = 'complete', completed_at = now(), state_since = now()
  WHERE id = '00000000000000000000000000000010' AND state = 'closed';
INSERT INTO idempotency_key (tenant_id, key, fingerprint) VALUES ('clinic', 'k', 'f')
  ON CONFLICT (tenant_id, key) DO UPDATE SET fingerprint = excluded.fingerprint;
