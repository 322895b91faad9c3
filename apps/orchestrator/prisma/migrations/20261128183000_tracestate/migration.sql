-- What others have to tell of a run's trace (W3C Trace Context), handed on as it came. Orchestrators of before leave it empty.
alter table runs add column tracestate text;
