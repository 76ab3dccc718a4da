"""A backend's server that answers every question with "not yet". Prints its address."""

import asyncio

from aiohttp import web


async def order(request: web.Request) -> web.Response:
    body = await request.json()
    return web.json_response({"ticket": body["reference"]})


async def poll(_: web.Request) -> web.Response:
    await asyncio.sleep(0.02)
    return web.json_response({"done": False, "progress": 40, "message": "still painting"})


async def main() -> None:
    app = web.Application()
    app.add_routes([web.post("/orders", order), web.get("/orders/{id}", poll)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    print(f"http://{host}:{port}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
