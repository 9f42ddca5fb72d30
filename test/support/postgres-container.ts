import { GenericContainer, Wait } from 'testcontainers';

const PORT = 5432;

/** PostgreSQL in Docker: only on request, since it is the slowest way and downloads an image. */
export async function startContainer(): Promise<{ url: string; stop: () => Promise<void> }> {
  const container = await new GenericContainer('postgres:17-alpine')
    .withEnvironment({ POSTGRES_HOST_AUTH_METHOD: 'trust' })
    .withCommand(['postgres', '-c', 'fsync=off', '-c', 'full_page_writes=off', '-c', 'max_connections=300'])
    .withExposedPorts(PORT)
    // The image starts the server once to set it up, and then again to stay.
    .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/, 2))
    .start();
  return {
    url: `postgres://postgres@${container.getHost()}:${container.getMappedPort(PORT)}/postgres`,
    stop: async () => {
      await container.stop();
    },
  };
}
