export default async function teardown() {
  await globalThis.durableTestServer?.stop();
}
