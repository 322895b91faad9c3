-- A server without lz4 compresses by its own method, which takes 40 µs per KB: five times as long as writing the value as it is.
-- There, large values are stored uncompressed.
do $$
begin
  if not exists (
    select from pg_attribute where attrelid = 'changes'::regclass and attname = 'tasks' and attcompression = 'l'
  ) then
    alter table runs
      alter column input set storage external, alter column live set storage external, alter column output set storage external;
    alter table changes alter column events set storage external, alter column tasks set storage external;
  end if;
end
$$;
