import { describe, expect, test } from '@jest/globals';
import { upSettings } from './up-settings.ts';

describe('upSettings', () => {
  test('finds the orchestrator of npm start by its port and key file', () => {
    const { jobs, ports } = upSettings({ MAINSTAY_DATA_DIR: '/data' });
    expect(jobs).toEqual([{ job: 'mainstay-orchestrators', targets: ['127.0.0.1:3000'], keyFile: '/data/admin.key' }]);
    expect(ports).toEqual({ prometheus: 9090, alertmanager: 9093, grafana: 3001 });
  });

  test('and its worker by the port after the management port', () => {
    const { jobs } = upSettings({ MANAGEMENT_PORT: '9464' });
    expect(jobs[1]).toEqual({ job: 'mainstay-workers', targets: ['127.0.0.1:9465'] });
  });

  test('takes other targets as they are named', () => {
    expect(upSettings({ MAINSTAY_METRICS_TARGETS: 'a:1, b:2' }).jobs).toEqual([{ job: 'mainstay', targets: ['a:1', 'b:2'] }]);
  });

  test.each(['0', 'x', '70000'])('refuses the port %s', (port) => {
    expect(() => upSettings({ PROMETHEUS_PORT: port })).toThrow('PROMETHEUS_PORT');
  });
});
