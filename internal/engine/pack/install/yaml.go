package install

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// yamlText writes a node as text again, to be stored with the version.
func yamlText(n *yaml.Node) (string, error) {
	b, err := yaml.Marshal(n)
	if err != nil {
		return "", fmt.Errorf("binding: %w", err)
	}
	return string(b), nil
}
