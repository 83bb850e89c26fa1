package web

import (
	"context"
	"log/slog"
	"net/netip"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/access/identity"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/i18n"

	"github.com/prometheus/client_golang/prometheus"
)

// Deps are what a server needs. Records, Identity, Catalog and Clock are required.
type Deps struct {
	Records  *access.Records
	Identity *identity.Service
	Catalog  *i18n.Catalog
	Clock    clock.Clock

	Organisation func(ctx context.Context) string // the name shown in the frame; nil for none
	Zone         *time.Location                   // of the organisation; Asia/Shanghai where nil
	Rooms        []Room                           // in the order of the navigation
	Pages        []Page                           // links beside the types
	Commands     []Command                        // what people do from anywhere
	Mount        []func(*Server)                  // packages of pages
	Status       func(ctx context.Context, a access.Actor) FrameStatus
	Citations    func(ctx context.Context, err error) []Citation // the articles behind a refusal; nil for none
	Trades       Trades                                          // what the first start offers to choose; nil for none
	Ready        func(ctx context.Context) error                 // whether the instance can work; nil asks the database

	Log          *slog.Logger
	Metrics      *prometheus.Registry // served at /metrics; a fresh one where nil
	MetricsToken string               // lets a scraper in that is not on this machine; empty for loopback only
	Proxies      []netip.Prefix       // whose X-Forwarded-For and X-Forwarded-Proto count
	Secure       bool                 // visitors use https: cookies get the prefix __Host- and HSTS is sent
	MaxForm      int64                // bytes of a form; 1 MiB where zero
	MaxUpload    int64                // bytes of a form with files; 32 MiB where zero
	Uploads      map[string]int64     // bytes of a form with files by path, where more may come in
}

// Room is one room of the house. Types listed stand first and in that order; other types of the room follow unless they
// are part of another record. Its label is the text "room.<key>".
type Room struct {
	Key, Icon string
	Types     []string
}

// Page is a link in the navigation beside the types: a board, a report, a reader. It is shown to those who may read
// Needs, or to everybody where that is empty.
type Page struct {
	Room, Href, LabelKey, Icon string
	Needs                      string // a type, or access.AuditLog
	First                      bool   // before the types of the room
}

// Command is something people do from anywhere: the palette finds it, its keys run it, and with keys it stands first in
// the menu "new". It is shown to those who may create records of Type, or to everybody where that is empty.
type Command struct {
	LabelKey, Href, Icon string
	WordsKey             string // more words by which the palette finds it; empty for none
	Keys                 string // pressed one after the other, such as "l c"; the page behind Href may stand in a dialog
	Type                 string
	Here                 bool // Href gets the page it was called from, as ?from=
}

// FrameStatus is what changes in the frame from minute to minute.
type FrameStatus struct {
	Notices, Clocks         int
	ClocksLate              bool
	NoticesHref, ClocksHref string
	NoticesStream           string // events with the number of unread notices; empty for none
}

func (d *Deps) defaults() {
	if d.Zone == nil {
		d.Zone = i18n.ZoneOf(context.Background())
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Metrics == nil {
		d.Metrics = prometheus.NewRegistry()
	}
	if d.MaxForm == 0 {
		d.MaxForm = 1 << 20
	}
	if d.MaxUpload == 0 {
		d.MaxUpload = 32 << 20
	}
	if d.Ready == nil {
		d.Ready = d.Records.DB.Ping
	}
	if d.Organisation == nil {
		d.Organisation = func(context.Context) string { return "" }
	}
	if d.Status == nil {
		d.Status = func(context.Context, access.Actor) FrameStatus { return FrameStatus{} }
	}
	if d.Citations == nil {
		d.Citations = func(context.Context, error) []Citation { return nil }
	}
}
