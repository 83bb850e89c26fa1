package interaction_test

import (
	"testing"
	"time"

	"dianke/internal/domain/interaction"
)

func TestWhatIsSentAndWhatAdvertises(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name              string
		i                 interaction.Interaction
		sends, advertises bool
	}{
		{"text message of service", interaction.Interaction{Channel: "sms", Direction: "out", Kind: "service"}, true, false},
		{"advertising by mail", interaction.Interaction{Channel: "mail", Direction: "out", Kind: "marketing"}, true, true},
		{"mail of the customer", interaction.Interaction{Channel: "mail", Direction: "in", Kind: "marketing"}, false, false},
		{"notice the law demands", interaction.Interaction{Channel: "sms", Direction: "out", Kind: "notice"}, false, false},
		{"call of service", interaction.Interaction{Channel: "call", Direction: "out", Kind: "service"}, false, false},
		{"advertising by telephone", interaction.Interaction{Channel: "call", Direction: "out", Kind: "marketing"}, true, false},
		{"visit", interaction.Interaction{Channel: "visit", Direction: "out", Kind: "marketing"}, false, false},
	}
	for _, tt := range tests {
		if tt.i.Sends() != tt.sends || tt.i.Advertises() != tt.advertises {
			t.Errorf("%s: sends %v, advertises %v", tt.name, tt.i.Sends(), tt.i.Advertises())
		}
	}
}

func TestOnlySpeakingCountsAsContact(t *testing.T) {
	t.Parallel()
	for result, want := range map[string]bool{
		"reached": true, "answered": true, "refused": true, "no_answer": false, "busy": false, "missed": false, "voicemail": false,
		"wrong_number": false, "bounced": false, "sent": false, "other": false,
	} {
		if got := (&interaction.Interaction{Result: result}).TwoWay(); got != want {
			t.Errorf("%s: %v", result, got)
		}
	}
}

func TestOverdue(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		task interaction.Task
		want bool
	}{
		"at its time": {interaction.Task{Status: "open", DueAt: now}, false},
		"after it":    {interaction.Task{Status: "open", DueAt: now.Add(-time.Second)}, true},
		"no time":     {interaction.Task{Status: "open"}, false},
		"done":        {interaction.Task{Status: "done", DueAt: now.Add(-time.Hour)}, false},
	}
	for name, tt := range tests {
		if got := tt.task.Overdue(now); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
