package interaction

import (
	"context"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
)

// Review is what a listener heard in one contact, item by item. Its owner is the person who had the contact and who may
// read it; nobody reviews his own.
type Review struct {
	record.Head
	InteractionID record.ID `rec:"ref,ref=interaction,required,once"`
	Kind          string    `rec:"text,readonly,max=20,index"` // of the contact
	ReviewerID    record.ID `rec:"user,readonly"`
	Basis         string    `rec:"enum,required,enum=recording|listening|observation,default=listening"`
	Greeting      string    `rec:"enum,required,enum=yes|no|na,default=na"`
	Polite        string    `rec:"enum,required,enum=yes|no|na,default=na"`
	Closing       string    `rec:"enum,required,enum=yes|no|na,default=na"`
	Respectful    string    `rec:"enum,required,enum=yes|no|na,default=na"`
	Pressed       bool      `rec:"bool"` // somebody was pressed in the name of an authority
	Warmth        *int64    `rec:"number,min=1,top=5"`
	Empathy       *int64    `rec:"number,min=1,top=5"`
	Interruptions int64     `rec:"number,min=0,top=99"`
	Note          string    `rec:"longtext,max=2000"`
}

func reviewType() *record.Type {
	return record.Declare[Review](record.Spec{
		Name: "call_review", Plural: "call_reviews", Room: "customer", Prefix: "CR", Icon: "phone-check", Title: "number",
		List: []string{"interaction_id", "owner_id", "warmth", "greeting", "polite", "closing", "interruptions", "reviewer_id"}, Prepare: prepareReview,
	})
}

// prepareReview takes the person and unit of the contact, so that figures count where the call was held.
func prepareReview(ctx context.Context, c *record.Call) error {
	v := c.Record.(*Review)
	if c.Before != nil || v.InteractionID == 0 {
		return nil
	}
	i, err := record.Load[Interaction](ctx, c, "interaction", v.InteractionID)
	if err != nil {
		return errs.Of("interaction_id", "field.unknown_ref").Because(err)
	}
	v.OwnerID, v.UnitID, v.Kind, v.ReviewerID = i.OwnerID, i.UnitID, i.Kind, c.Actor().UserID
	if v.ReviewerID != 0 && v.ReviewerID == v.OwnerID {
		return errs.New(errs.Conflict, "call_review.own_call")
	}
	return nil
}

// Recording is the sound of one call. Those who hear it say why, and each time is in its history.
type Recording struct {
	record.Head
	InteractionID record.ID  `rec:"ref,ref=interaction,parent,required,once"`
	FileID        record.ID  `rec:"file,once"`
	RecordedAt    time.Time  `rec:"time,once"`
	NoticeGiven   bool       `rec:"bool,once"` // the caller was told of the recording and what it is for
	Purpose       string     `rec:"enum,required,once,enum=quality|evidence|training,default=quality"`
	KeepUntil     *time.Time `rec:"date,index"` // on that day it is deleted
	Plays         int64      `rec:"number,readonly"`
	PlayedFor     string     `rec:"text,readonly,max=200"` // the last time
}

// Hearing is the input of play.
type Hearing struct {
	Reason string `rec:"text,required,max=200"`
}

func recordingType() *record.Type {
	return record.Declare[Recording](record.Spec{
		Name: "call_recording", Plural: "call_recordings", Room: "customer", Prefix: "RC", Icon: "phone-call", Title: "number",
		List: []string{"interaction_id", "recorded_at", "notice_given", "purpose", "keep_until", "plays"},
		Actions: []*record.Action{
			record.Act("play", record.ActionSpec{Primary: true, Icon: "player-play"}, func(_ context.Context, _ *record.Call, r *Recording, in *Hearing) error {
				r.Plays++
				r.PlayedFor = in.Reason
				return nil
			}),
		},
		Prepare: func(ctx context.Context, c *record.Call) error {
			r := c.Record.(*Recording)
			if c.Before != nil || r.InteractionID == 0 {
				return nil
			}
			i, err := record.Load[Interaction](ctx, c, "interaction", r.InteractionID)
			if err != nil {
				return errs.Of("interaction_id", "field.unknown_ref").Because(err)
			}
			r.OwnerID, r.UnitID = i.OwnerID, i.UnitID
			if r.RecordedAt.IsZero() {
				r.RecordedAt = i.At
			}
			return nil
		},
	})
}
