package cli_test

import (
	"bytes"
	"context"
	"regexp"
	"strings"
	"testing"

	"dianke/internal/surface/cli"
)

// TestBenchMeasuresAndGoesOn: a small company is filled and every question answered; a second run measures the same
// company without filling it again.
func TestBenchMeasuresAndGoesOn(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("fills a company")
	}
	dir := t.TempDir()
	run := func() string {
		var out, errs bytes.Buffer
		code := cli.Main(context.Background(), cli.Program{
			Args: []string{"bench", "--customers", "60", "--times", "3", "--clients", "2", "--for", "200ms", "--dir", dir}, Out: &out, Err: &errs,
		})
		if code != 0 {
			t.Fatalf("code %d: %s%s", code, out.String(), errs.String())
		}
		return out.String()
	}
	row := regexp.MustCompile(`(?m)^\| [a-z][^|]+ \| \d+\.\d\d \| \d+\.\d\d \| (\d+\.\d\d)? \| (\d+\.\d)? \|$`)
	first := run()
	if n := len(row.FindAllString(first, -1)); n != 13 {
		t.Errorf("%d lines of the table:\n%s", n, first)
	}
	if !strings.Contains(first, "Filled 780 records") || !strings.Contains(first, "Requests per second with 2 clients") {
		t.Errorf("said:\n%s", first)
	}
	if again := run(); strings.Contains(again, "Filled") || len(row.FindAllString(again, -1)) != 13 {
		t.Errorf("the second run said:\n%s", again)
	}
}

func TestBenchRefusesNothingToDo(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	code := cli.Main(context.Background(), cli.Program{Args: []string{"bench", "--customers", "0", "--dir", t.TempDir()}, Out: &out, Err: &errs})
	if code != 2 || !strings.Contains(errs.String(), "at least 1") {
		t.Errorf("code %d, %q", code, errs.String())
	}
}
