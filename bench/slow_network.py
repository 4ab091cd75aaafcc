"""A TCP proxy that makes a network of the loopback: slow_network.py PORT TARGET_PORT LATENCY_MS MBPS TOTAL_MBPS.

Each direction of a connection sends MBPS megabytes a second, all together TOTAL_MBPS; the first bytes after a pause come half of
LATENCY_MS later, so that a request and its answer take LATENCY_MS longer."""
import asyncio
import sys

port, target, latency, each, total = [float(word) for word in sys.argv[1:6]]
PIECE = 64 << 10
PAUSE = 0.005
free_at = 0.0


async def pump(reader, writer):
    global free_at
    loop = asyncio.get_running_loop()
    own_free_at = 0.0
    idle_since = 0.0
    try:
        while piece := await reader.read(PIECE):
            now = loop.time()
            if now - idle_since > PAUSE:
                await asyncio.sleep(latency / 2000)
                now = loop.time()
            own_free_at = max(own_free_at, now) + len(piece) / (each * 1e6)
            free_at = max(free_at, now) + len(piece) / (total * 1e6)
            wait = max(own_free_at, free_at) - now
            if wait > 0.002:
                await asyncio.sleep(wait)
            writer.write(piece)
            await writer.drain()
            idle_since = loop.time()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def serve(reader, writer):
    there, back = await asyncio.open_connection("127.0.0.1", int(target))
    await asyncio.gather(pump(reader, back), pump(there, writer))


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(port))
    async with server:
        await server.serve_forever()


asyncio.run(main())
