package app

import (
	"net/http"

	"dianke/internal/engine/access/identity/replay"
	"dianke/internal/surface/api"
	"dianke/internal/surface/mcp"
)

// mcpHandler serves programs that speak the Model Context Protocol. It has a JSON interface of its own, which takes
// tokens alone and twice as many requests, for each message is two of them.
func (a *App) mcpHandler() http.Handler {
	who := api.BearerOrSession{Tokens: a.Identity, Address: a.caller, Via: "mcp"}
	inner := api.New(api.Deps{
		Records: a.Records, Identity: a.Identity, Identify: who, Blobs: a.Blobs, Engine: a.Engine, Book: a.Book, Replay: &replay.Book{DB: a.DB, Clock: a.Clock},
		Texts: a.Catalog, IDs: a.Store.IDs, Log: a.Log, Version: Version, Secure: a.secure(), Rate: 2 * float64(a.Config.APIRate), Burst: 6 * a.Config.APIRate,
	})
	return mcp.New(mcp.Deps{API: inner, Who: who.Identify, Records: a.Records, Engine: a.Engine, Texts: a.Catalog, Log: a.Log, Version: Version})
}
