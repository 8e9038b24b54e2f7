// Judges pods by the Pod Security Standards with the evaluator that the API server itself uses.
//
// Reads Kubernetes objects as a YAML stream on standard input and writes one JSON line for each object that holds a
// pod: its kind, namespace and name, and for each level the checks that refuse it. Objects without a pod are passed
// over. Exit 2 when the stream cannot be read.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	yamlstream "k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/yaml"
)

type object struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              json.RawMessage         `json:"spec"`
	Template          *corev1.PodTemplateSpec `json:"template"`
}

type refusal struct {
	Check  string `json:"check"`
	Reason string `json:"reason"`
	Detail string `json:"detail"`
}

type verdict struct {
	Kind       string    `json:"kind"`
	Namespace  string    `json:"namespace"`
	Name       string    `json:"name"`
	Baseline   []refusal `json:"baseline"`
	Restricted []refusal `json:"restricted"`
}

// podOf returns the pod that an object runs, or nil when it runs none.
func podOf(o object) (*metav1.ObjectMeta, *corev1.PodSpec, error) {
	switch o.Kind {
	case "Pod":
		spec := &corev1.PodSpec{}
		return &o.ObjectMeta, spec, json.Unmarshal(o.Spec, spec)
	case "Deployment", "DaemonSet", "StatefulSet", "ReplicaSet", "Job":
		var workload struct {
			Template corev1.PodTemplateSpec `json:"template"`
		}
		err := json.Unmarshal(o.Spec, &workload)
		return &workload.Template.ObjectMeta, &workload.Template.Spec, err
	case "CronJob":
		var cron struct {
			JobTemplate struct {
				Spec struct {
					Template corev1.PodTemplateSpec `json:"template"`
				} `json:"spec"`
			} `json:"jobTemplate"`
		}
		err := json.Unmarshal(o.Spec, &cron)
		return &cron.JobTemplate.Spec.Template.ObjectMeta, &cron.JobTemplate.Spec.Template.Spec, err
	default:
		return nil, nil, nil
	}
}

func refusals(checks []policy.Check, version api.Version, meta *metav1.ObjectMeta, spec *corev1.PodSpec) []refusal {
	found := []refusal{}
	for _, check := range checks {
		var latest policy.VersionedCheck
		for _, candidate := range check.Versions {
			if !version.Older(candidate.MinimumVersion) {
				latest = candidate
			}
		}
		if latest.CheckPod == nil {
			continue
		}
		if result := latest.CheckPod(meta, spec); !result.Allowed {
			found = append(found, refusal{string(check.ID), result.ForbiddenReason, result.ForbiddenDetail})
		}
	}
	return found
}

// setDefaults fills in what the API server fills in before it judges: a volume without a source is an emptyDir.
func setDefaults(spec *corev1.PodSpec) {
	for i := range spec.Volumes {
		if spec.Volumes[i].VolumeSource == (corev1.VolumeSource{}) {
			spec.Volumes[i].EmptyDir = &corev1.EmptyDirVolumeSource{}
		}
	}
}

func judge(document []byte, version api.Version) (*verdict, error) {
	var o object
	if err := yaml.Unmarshal(document, &o); err != nil {
		return nil, err
	}
	meta, spec, err := podOf(o)
	if err != nil || spec == nil {
		return nil, err
	}
	setDefaults(spec)
	baseline := refusals(policy.DefaultChecks(), version, meta, spec)
	only := []refusal{}
	levels := map[string]api.Level{}
	for _, check := range policy.DefaultChecks() {
		levels[string(check.ID)] = check.Level
	}
	for _, r := range baseline {
		if levels[r.Check] == api.LevelBaseline {
			only = append(only, r)
		}
	}
	return &verdict{o.Kind, o.Namespace, o.Name, only, baseline}, nil
}

func run(input io.Reader, output io.Writer) error {
	version, err := api.ParseVersion("v1.36")
	if err != nil {
		return err
	}
	reader := yamlstream.NewYAMLReader(bufio.NewReader(input))
	encoder := json.NewEncoder(output)
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		found, err := judge(document, version)
		if err != nil {
			return err
		}
		if found != nil {
			if err := encoder.Encode(found); err != nil {
				return err
			}
		}
	}
}

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "pod-security:", err)
		os.Exit(2)
	}
}
