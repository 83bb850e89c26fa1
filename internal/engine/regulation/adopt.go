package regulation

import (
	"context"
	"slices"
	"strings"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// Ballot is one approval of, or objection to, a version under review, by a post the regulation names.
type Ballot struct {
	record.Head
	VersionID record.ID `rec:"ref,ref=regulation_version,required,once,index"`
	Round     int64     `rec:"number,readonly"` // how often the version was submitted
	Post      string    `rec:"text,readonly,max=40"`
	VoterID   record.ID `rec:"user,readonly"`
	Vote      string    `rec:"enum,enum=approve|object,readonly"`
	Reason    string    `rec:"longtext,readonly,max=4000"`
}

// Vote is the input of approve.
type Vote struct {
	Reason string `rec:"longtext,max=4000"`
}

// Objection is the input of object and of objections to a filing.
type Objection struct {
	Reason string `rec:"longtext,required,max=4000"`
}

// Filing is the input of file: under which number a department's rules were filed (备案).
type Filing struct {
	FilingNo string `rec:"text,required,max=60"`
}

// Promulgation is the input of promulgate. Without a day the version takes effect at once.
type Promulgation struct {
	EffectiveOn *time.Time `rec:"date"`
}

func (e *Engine) versionActions() []*record.Action {
	return []*record.Action{
		record.Act("submit", record.ActionSpec{From: []string{"draft"}, To: "review", Primary: true, Icon: "send"},
			func(_ context.Context, c *record.Call, v *Version, _ *record.None) error {
				v.Round, v.SubmittedBy = v.Round+1, c.Actor().UserID
				return nil
			}),
		record.Act("send_back", record.ActionSpec{From: []string{"review", "approved"}, To: "draft", Icon: "arrow-back-up"},
			func(_ context.Context, _ *record.Call, v *Version, _ *record.None) error {
				v.ApprovedAt, v.ApprovedBy, v.FiledAt, v.FiledBy, v.FilingNo = nil, 0, nil, 0, ""
				return nil
			}),
		record.Act("approve", record.ActionSpec{From: []string{"review"}, Primary: true, Icon: "check"}, e.approve),
		record.Act("object", record.ActionSpec{From: []string{"review"}, Icon: "hand-stop"}, e.object),
		record.Act("file", record.ActionSpec{From: []string{"approved"}, Icon: "archive"}, file),
		record.Act("promulgate", record.ActionSpec{From: []string{"review", "approved"}, Primary: true, Icon: "speakerphone"}, e.promulgate),
		record.Act("retire", record.ActionSpec{From: []string{"in_force"}, To: "retired", Danger: true, Icon: "archive"},
			func(_ context.Context, c *record.Call, v *Version, _ *record.None) error {
				v.RetiredAt = &c.Now
				return nil
			}),
	}
}

// approve casts the vote of one of the posts the regulation names. The version is approved when the quorum is reached;
// where the regulation names no posts, one approval is enough.
func (e *Engine) approve(ctx context.Context, c *record.Call, v *Version, in *Vote) error {
	if err := e.cast(ctx, c, v, "approve", in.Reason); err != nil {
		return err
	}
	missing, need, err := e.standing(ctx, c, v)
	if err != nil || len(missing) > 0 && need > 0 {
		return err
	}
	hash, err := textHash(ctx, c, v.ID)
	if err != nil {
		return err
	}
	v.Status, v.ApprovedBy, v.ApprovedAt, v.TextHash = "approved", c.Actor().UserID, &c.Now, hash
	return nil
}

func (e *Engine) object(ctx context.Context, c *record.Call, v *Version, in *Objection) error {
	return e.cast(ctx, c, v, "object", in.Reason)
}

// cast writes the ballot of the actor for the first post he holds that has not voted in this round.
func (e *Engine) cast(ctx context.Context, c *record.Call, v *Version, vote, reason string) error {
	r, err := record.Load[Regulation](ctx, c, "regulation", v.RegulationID)
	if err != nil {
		return err
	}
	given, err := ballots(ctx, c, v)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(given, func(b *Ballot) bool { return b.VoterID == c.Actor().UserID && b.Vote == vote }) {
		return errs.New(errs.Conflict, "version.voted_already")
	}
	post := ""
	for _, p := range r.Approvers {
		if c.Actor().Holds(p) && !slices.ContainsFunc(given, func(b *Ballot) bool { return b.Post == p && b.Vote == "approve" }) {
			post = p
			break
		}
	}
	if len(r.Approvers) > 0 && post == "" {
		return errs.New(errs.Forbidden, "version.no_vote").With("posts", strings.Join(r.Approvers, ", "))
	}
	return c.Work.Insert(ctx, c, "ballot", &Ballot{
		Head: record.Head{UnitID: v.UnitID}, VersionID: v.ID, Round: v.Round, Post: post, VoterID: c.Actor().UserID, Vote: vote, Reason: reason,
	})
}

func ballots(ctx context.Context, c *record.Call, v *Version) ([]*Ballot, error) {
	return record.Find[Ballot](ctx, c, "ballot", record.All(record.Where("version_id", v.ID), record.Where("round", v.Round)), 200)
}

// standing lists the posts that have not approved in this round, and how many approvals are still needed. A post that
// approved and objected later counts as objecting.
func (e *Engine) standing(ctx context.Context, c *record.Call, v *Version) (missing []string, need int, err error) {
	r, err := record.Load[Regulation](ctx, c, "regulation", v.RegulationID)
	if err != nil {
		return nil, 0, err
	}
	given, err := ballots(ctx, c, v)
	if err != nil {
		return nil, 0, err
	}
	last := map[string]string{}
	for _, b := range given {
		last[b.Post] = b.Vote
	}
	quorum, got := len(r.Approvers), 0
	if r.Quorum != nil && int(*r.Quorum) < quorum {
		quorum = int(*r.Quorum)
	}
	for _, p := range r.Approvers {
		if last[p] == "approve" {
			got++
			continue
		}
		missing = append(missing, p)
	}
	return missing, max(0, quorum-got), nil
}

// file records that the rules of a department were filed with the body that keeps them.
func file(_ context.Context, c *record.Call, v *Version, in *Filing) error {
	v.FiledAt, v.FiledBy, v.FilingNo = &c.Now, c.Actor().UserID, in.FilingNo
	return nil
}

// promulgate sets the day; a day that has come puts the version in force, a later one leaves that to the engine's tick.
// A day before today is refused: what was done then could not know the text.
func (e *Engine) promulgate(ctx context.Context, c *record.Call, v *Version, in *Promulgation) error {
	if v.Status == "review" {
		missing, _, err := e.standing(ctx, c, v)
		if err != nil {
			return err
		}
		return errs.New(errs.Conflict, "version.not_approved").With("posts", strings.Join(missing, ", "))
	}
	local := c.Now.In(e.Zone)
	today := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC)
	v.EffectiveOn = &today
	if in.EffectiveOn != nil {
		if in.EffectiveOn.Before(today) {
			return errs.Of("effective_on", "version.back_dated")
		}
		v.EffectiveOn = in.EffectiveOn
	}
	if !v.EffectiveOn.After(today) {
		v.Status, v.InForceAt = "in_force", &c.Now
	}
	return nil
}

// MissingApprovals lists the posts that have not approved a version under review, and how many approvals it still needs.
// Where the regulation names no posts one approval is enough and the list is empty.
func (e *Engine) MissingApprovals(ctx context.Context, version record.ID) (posts []string, need int, err error) {
	_, err = db.View(ctx, e.DB, func(tx *db.Tx) (int, error) {
		c := e.reader(tx, "regulation_version")
		v, err := record.Load[Version](ctx, c, "regulation_version", version)
		if err != nil {
			return 0, err
		}
		posts, need, err = e.standing(ctx, c, v)
		return 0, err
	})
	return posts, need, err
}
