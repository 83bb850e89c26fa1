package webhook_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"dianke/internal/engine/webhook"
)

// verify reads lines of JSON and prints for each what the official library says of it.
const verify = `
const {createRequire} = require("module");
const {Webhook} = createRequire(process.argv[1] + "/package.json")("standardwebhooks");
for (const line of require("fs").readFileSync(0, "utf8").trim().split("\n")) {
  const c = JSON.parse(line);
  try {
    const seen = new Webhook(c.secret).verify(c.body, {"webhook-id": c.id, "webhook-timestamp": c.stamp, "webhook-signature": c.signature});
    console.log("ok " + seen.data.name);
  } catch (e) {
    console.log("refused");
  }
}`

func TestSignatureHoldsForTheOfficialLibrary(t *testing.T) {
	t.Parallel()
	assets, err := filepath.Abs("../../surface/web/assets")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(assets, "node_modules", "standardwebhooks")); err != nil {
		t.Skip("standardwebhooks is not installed: run `npm ci` in internal/surface/web/assets")
	}
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed")
	}
	now := time.Now()
	a, b := webhook.NewSecret(), webhook.NewSecret()
	body := `{"type":"case.close","timestamp":"2026-03-02T02:00:00Z","data":{"name":"四海 “公司” \u003c"}}`
	sign := func(at time.Time, secrets ...string) map[string]string {
		return map[string]string{
			"secret": a, "id": "msg_1", "body": body, "stamp": stamp(at), "signature": webhook.Signature("msg_1", at, body, secrets...),
		}
	}
	cases := []map[string]string{sign(now, a), sign(now, b, a), sign(now, a, b), sign(now, b), sign(now.Add(-10*time.Minute), a), sign(now, a), sign(now, a)}
	cases[5]["body"] = strings.Replace(body, "close", "open", 1)
	cases[6]["id"] = "msg_2"
	var in bytes.Buffer
	enc := json.NewEncoder(&in)
	for _, c := range cases {
		if err := enc.Encode(c); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(node, "-e", verify, assets)
	cmd.Stdin = &in
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	ok := "ok 四海 “公司” <\n"
	if want := ok + ok + ok + strings.Repeat("refused\n", 4); string(out) != want {
		t.Errorf("the library says\n%swant\n%s", out, want)
	}
}

func stamp(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }
