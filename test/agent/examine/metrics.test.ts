/** Histograms out of Prometheus text, and servers that do not give one. A real etcd is asked in test/integration/doctor.test.ts. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { histogramIn, readMetrics } from '../../../agent/examine/metrics.ts';

const text = `# HELP etcd_disk_wal_fsync_duration_seconds x
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.001"} 10
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.002"} 25
etcd_disk_wal_fsync_duration_seconds_bucket{le="+Inf"} 30
etcd_disk_wal_fsync_duration_seconds_sum 0.5
etcd_disk_wal_fsync_duration_seconds_count 30
etcd_disk_wal_fsync_duration_seconds_other_count 99
`;

describe('a histogram', () => {
  test('with its buckets, without the last, which is the total', () => {
    expect(histogramIn(text, 'etcd_disk_wal_fsync_duration_seconds')).toEqual({
      ...{ total: 30, sumSeconds: 0.5 },
      buckets: [
        { upToSeconds: 0.001, count: 10 },
        { upToSeconds: 0.002, count: 25 },
      ],
    });
  });

  test.each([
    ['another name', text, 'etcd_disk_backend_commit_duration_seconds'],
    ['nothing', '', 'x'],
    ['no number', text.replace('_sum 0.5', '_sum NaN'), 'etcd_disk_wal_fsync_duration_seconds'],
  ])('none of %s', (_, from, name) => {
    expect(histogramIn(from, name)).toBeUndefined();
  });
});

describe('from a server', () => {
  let server: Server;
  let url = '';
  let body = '';
  beforeAll(async () => {
    server = createServer((request, response) => {
      if (body === 'silent') return;
      response.writeHead(request.url === '/metrics' && body !== '' ? 200 : 404);
      response.end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test.each([
    ['what it says', text, text],
    ['none', '', 'metrics-silent'],
    ['no end', 'x'.repeat(5 * 1024 * 1024), 'metrics-silent'],
    ['silence', 'silent', 'TimeoutError'],
  ])('%s', async (_, says, expected) => {
    body = says;
    const read = readMetrics(url, {}, AbortSignal.timeout(500));
    if (expected === text) expect(await read).toBe(text);
    else await expect(read).rejects.toMatchObject({ [expected === 'TimeoutError' ? 'name' : 'reason']: expected });
  });
});
