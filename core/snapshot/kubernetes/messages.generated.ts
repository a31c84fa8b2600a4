/* eslint max-lines: 0 -- data, made by hack/kubernetes-messages.ts */
/** The release of Kubernetes whose messages these are. */
export const messagesVersion = '0.32.3';

/** API group and the package of its messages, without the version. */
export const groupText = ` k8s.io.api.core
admission.k8s.io k8s.io.api.admission
admissionregistration.k8s.io k8s.io.api.admissionregistration
apidiscovery.k8s.io k8s.io.api.apidiscovery
apps k8s.io.api.apps
authentication.k8s.io k8s.io.api.authentication
authorization.k8s.io k8s.io.api.authorization
autoscaling k8s.io.api.autoscaling
batch k8s.io.api.batch
certificates.k8s.io k8s.io.api.certificates
coordination.k8s.io k8s.io.api.coordination
discovery.k8s.io k8s.io.api.discovery
events.k8s.io k8s.io.api.events
extensions k8s.io.api.extensions
flowcontrol.apiserver.k8s.io k8s.io.api.flowcontrol
imagepolicy.k8s.io k8s.io.api.imagepolicy
internal.apiserver.k8s.io k8s.io.api.apiserverinternal
networking.k8s.io k8s.io.api.networking
node.k8s.io k8s.io.api.node
policy k8s.io.api.policy
rbac.authorization.k8s.io k8s.io.api.rbac
resource.k8s.io k8s.io.api.resource
scheduling.k8s.io k8s.io.api.scheduling
storage.k8s.io k8s.io.api.storage
storagemigration.k8s.io k8s.io.api.storagemigration`;

/**
 * Messages, an empty line between them; the first line is the name (`=` before one that JSON spells as its only field), then a field a line: number, name in JSON, type, marks.
 * Types: `.` stands for k8s.io.api., `~` for k8s.io.apimachinery.pkg. Marks: r repeated, m map by string, o left out when empty, p pointer, i inline.
 */
export const messageText = `.admission.v1.AdmissionRequest
1 uid string
2 kind ~apis.meta.v1.GroupVersionKind
3 resource ~apis.meta.v1.GroupVersionResource
4 subResource string o
13 requestKind ~apis.meta.v1.GroupVersionKind op
14 requestResource ~apis.meta.v1.GroupVersionResource op
15 requestSubResource string o
5 name string o
6 namespace string o
7 operation string
8 userInfo .authentication.v1.UserInfo
9 object ~runtime.RawExtension o
10 oldObject ~runtime.RawExtension o
11 dryRun bool op
12 options ~runtime.RawExtension o

.admission.v1.AdmissionResponse
1 uid string
2 allowed bool
3 status ~apis.meta.v1.Status op
4 patch bytes o
5 patchType string op
6 auditAnnotations string mo
7 warnings string ro

.admission.v1.AdmissionReview
1 request .admission.v1.AdmissionRequest op
2 response .admission.v1.AdmissionResponse op

.admission.v1beta1.AdmissionRequest
1 uid string
2 kind ~apis.meta.v1.GroupVersionKind
3 resource ~apis.meta.v1.GroupVersionResource
4 subResource string o
13 requestKind ~apis.meta.v1.GroupVersionKind op
14 requestResource ~apis.meta.v1.GroupVersionResource op
15 requestSubResource string o
5 name string o
6 namespace string o
7 operation string
8 userInfo .authentication.v1.UserInfo
9 object ~runtime.RawExtension o
10 oldObject ~runtime.RawExtension o
11 dryRun bool op
12 options ~runtime.RawExtension o

.admission.v1beta1.AdmissionResponse
1 uid string
2 allowed bool
3 status ~apis.meta.v1.Status op
4 patch bytes o
5 patchType string op
6 auditAnnotations string mo
7 warnings string ro

.admission.v1beta1.AdmissionReview
1 request .admission.v1beta1.AdmissionRequest op
2 response .admission.v1beta1.AdmissionResponse op

.admissionregistration.v1.AuditAnnotation
1 key string
2 valueExpression string

.admissionregistration.v1.ExpressionWarning
2 fieldRef string
3 warning string

.admissionregistration.v1.MatchCondition
1 name string
2 expression string

.admissionregistration.v1.MatchResources
1 namespaceSelector ~apis.meta.v1.LabelSelector op
2 objectSelector ~apis.meta.v1.LabelSelector op
3 resourceRules .admissionregistration.v1.NamedRuleWithOperations ro
4 excludeResourceRules .admissionregistration.v1.NamedRuleWithOperations ro
7 matchPolicy string op

.admissionregistration.v1.MutatingWebhook
1 name string
2 clientConfig .admissionregistration.v1.WebhookClientConfig
3 rules .admissionregistration.v1.RuleWithOperations ro
4 failurePolicy string op
9 matchPolicy string op
5 namespaceSelector ~apis.meta.v1.LabelSelector op
11 objectSelector ~apis.meta.v1.LabelSelector op
6 sideEffects string p
7 timeoutSeconds int32 op
8 admissionReviewVersions string r
10 reinvocationPolicy string op
12 matchConditions .admissionregistration.v1.MatchCondition ro

.admissionregistration.v1.MutatingWebhookConfiguration
1 metadata ~apis.meta.v1.ObjectMeta o
2 webhooks .admissionregistration.v1.MutatingWebhook ro

.admissionregistration.v1.MutatingWebhookConfigurationList
1 metadata ~apis.meta.v1.ListMeta o
2 items .admissionregistration.v1.MutatingWebhookConfiguration r

.admissionregistration.v1.NamedRuleWithOperations
1 resourceNames string ro
2 ruleWithOperations .admissionregistration.v1.RuleWithOperations i

.admissionregistration.v1.ParamKind
1 apiVersion string o
2 kind string o

.admissionregistration.v1.ParamRef
1 name string o
2 namespace string o
3 selector ~apis.meta.v1.LabelSelector op
4 parameterNotFoundAction string op

.admissionregistration.v1.Rule
1 apiGroups string ro
2 apiVersions string ro
3 resources string ro
4 scope string op

.admissionregistration.v1.RuleWithOperations
1 operations string ro
2 rule .admissionregistration.v1.Rule i

.admissionregistration.v1.ServiceReference
1 namespace string
2 name string
3 path string op
4 port int32 op

.admissionregistration.v1.TypeChecking
1 expressionWarnings .admissionregistration.v1.ExpressionWarning ro

.admissionregistration.v1.ValidatingAdmissionPolicy
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .admissionregistration.v1.ValidatingAdmissionPolicySpec o
3 status .admissionregistration.v1.ValidatingAdmissionPolicyStatus o

.admissionregistration.v1.ValidatingAdmissionPolicyBinding
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec o

.admissionregistration.v1.ValidatingAdmissionPolicyBindingList
1 metadata ~apis.meta.v1.ListMeta o
2 items .admissionregistration.v1.ValidatingAdmissionPolicyBinding r

.admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec
1 policyName string o
2 paramRef .admissionregistration.v1.ParamRef op
3 matchResources .admissionregistration.v1.MatchResources op
4 validationActions string ro

.admissionregistration.v1.ValidatingAdmissionPolicyList
1 metadata ~apis.meta.v1.ListMeta o
2 items .admissionregistration.v1.ValidatingAdmissionPolicy r

.admissionregistration.v1.ValidatingAdmissionPolicySpec
1 paramKind .admissionregistration.v1.ParamKind op
2 matchConstraints .admissionregistration.v1.MatchResources op
3 validations .admissionregistration.v1.Validation ro
4 failurePolicy string op
5 auditAnnotations .admissionregistration.v1.AuditAnnotation ro
6 matchConditions .admissionregistration.v1.MatchCondition ro
7 variables .admissionregistration.v1.Variable ro

.admissionregistration.v1.ValidatingAdmissionPolicyStatus
1 observedGeneration int64 o
2 typeChecking .admissionregistration.v1.TypeChecking op
3 conditions ~apis.meta.v1.Condition ro

.admissionregistration.v1.ValidatingWebhook
1 name string
2 clientConfig .admissionregistration.v1.WebhookClientConfig
3 rules .admissionregistration.v1.RuleWithOperations ro
4 failurePolicy string op
9 matchPolicy string op
5 namespaceSelector ~apis.meta.v1.LabelSelector op
10 objectSelector ~apis.meta.v1.LabelSelector op
6 sideEffects string p
7 timeoutSeconds int32 op
8 admissionReviewVersions string r
11 matchConditions .admissionregistration.v1.MatchCondition ro

.admissionregistration.v1.ValidatingWebhookConfiguration
1 metadata ~apis.meta.v1.ObjectMeta o
2 webhooks .admissionregistration.v1.ValidatingWebhook ro

.admissionregistration.v1.ValidatingWebhookConfigurationList
1 metadata ~apis.meta.v1.ListMeta o
2 items .admissionregistration.v1.ValidatingWebhookConfiguration r

.admissionregistration.v1.Validation
1 expression string
2 message string o
3 reason string op
4 messageExpression string o

.admissionregistration.v1.Variable
1 name string
2 expression string

.admissionregistration.v1.WebhookClientConfig
3 url string op
1 service .admissionregistration.v1.ServiceReference op
2 caBundle bytes o

.admissionregistration.v1alpha1.ApplyConfiguration
1 expression string o

.admissionregistration.v1alpha1.AuditAnnotation
1 key string
2 valueExpression string

.admissionregistration.v1alpha1.ExpressionWarning
2 fieldRef string
3 warning string

.admissionregistration.v1alpha1.JSONPatch
1 expression string o

.admissionregistration.v1alpha1.MatchCondition
1 name string
2 expression string

.admissionregistration.v1alpha1.MatchResources
1 namespaceSelector ~apis.meta.v1.LabelSelector op
2 objectSelector ~apis.meta.v1.LabelSelector op
3 resourceRules .admissionregistration.v1alpha1.NamedRuleWithOperations ro
4 excludeResourceRules .admissionregistration.v1alpha1.NamedRuleWithOperations ro
7 matchPolicy string op

.admissionregistration.v1alpha1.MutatingAdmissionPolicy
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .admissionregistration.v1alpha1.MutatingAdmissionPolicySpec o

.admissionregistration.v1alpha1.MutatingAdmissionPolicyBinding
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .admissionregistration.v1alpha1.MutatingAdmissionPolicyBindingSpec o

.admissionregistration.v1alpha1.MutatingAdmissionPolicyBindingList
1 metadata ~apis.meta.v1.ListMeta o
2 items .admissionregistration.v1alpha1.MutatingAdmissionPolicyBinding r

.admissionregistration.v1alpha1.MutatingAdmissionPolicyBindingSpec
1 policyName string o
2 paramRef .admissionregistration.v1alpha1.ParamRef op
3 matchResources .admissionregistration.v1alpha1.MatchResources op

.admissionregistration.v1alpha1.MutatingAdmissionPolicyList
1 metadata ~apis.meta.v1.ListMeta o
2 items .admissionregistration.v1alpha1.MutatingAdmissionPolicy r

.admissionregistration.v1alpha1.MutatingAdmissionPolicySpec
1 paramKind .admissionregistration.v1alpha1.ParamKind op
2 matchConstraints .admissionregistration.v1alpha1.MatchResources op
3 variables .admissionregistration.v1alpha1.Variable ro
4 mutations .admissionregistration.v1alpha1.Mutation ro
5 failurePolicy string op
6 matchConditions .admissionregistration.v1alpha1.MatchCondition ro
7 reinvocationPolicy string o

.admissionregistration.v1alpha1.Mutation
2 patchType string
3 applyConfiguration .admissionregistration.v1alpha1.ApplyConfiguration op
4 jsonPatch .admissionregistration.v1alpha1.JSONPatch op

.admissionregistration.v1alpha1.NamedRuleWithOperations
1 resourceNames string ro
2 ruleWithOperations .admissionregistration.v1.RuleWithOperations i

.admissionregistration.v1alpha1.ParamKind
1 apiVersion string o
2 kind string o

.admissionregistration.v1alpha1.ParamRef
1 name string o
2 namespace string o
3 selector ~apis.meta.v1.LabelSelector op
4 parameterNotFoundAction string op

.admissionregistration.v1alpha1.TypeChecking
1 expressionWarnings .admissionregistration.v1alpha1.ExpressionWarning ro

.admissionregistration.v1alpha1.ValidatingAdmissionPolicy
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .admissionregistration.v1alpha1.ValidatingAdmissionPolicySpec o
3 status .admissionregistration.v1alpha1.ValidatingAdmissionPolicyStatus o

.admissionregistration.v1alpha1.ValidatingAdmissionPolicyBinding
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .admissionregistration.v1alpha1.ValidatingAdmissionPolicyBindingSpec o

.admissionregistration.v1alpha1.ValidatingAdmissionPolicyBindingList
1 metadata ~apis.meta.v1.ListMeta o
2 items .admissionregistration.v1alpha1.ValidatingAdmissionPolicyBinding r

.admissionregistration.v1alpha1.ValidatingAdmissionPolicyBindingSpec
1 policyName string o
2 paramRef .admissionregistration.v1alpha1.ParamRef op
3 matchResources .admissionregistration.v1alpha1.MatchResources op
4 validationActions string ro

.admissionregistration.v1alpha1.ValidatingAdmissionPolicyList
1 metadata ~apis.meta.v1.ListMeta o
2 items .admissionregistration.v1alpha1.ValidatingAdmissionPolicy r

.admissionregistration.v1alpha1.ValidatingAdmissionPolicySpec
1 paramKind .admissionregistration.v1alpha1.ParamKind op
2 matchConstraints .admissionregistration.v1alpha1.MatchResources op
3 validations .admissionregistration.v1alpha1.Validation ro
4 failurePolicy string op
5 auditAnnotations .admissionregistration.v1alpha1.AuditAnnotation ro
6 matchConditions .admissionregistration.v1alpha1.MatchCondition ro
7 variables .admissionregistration.v1alpha1.Variable ro

.admissionregistration.v1alpha1.ValidatingAdmissionPolicyStatus
1 observedGeneration int64 o
2 typeChecking .admissionregistration.v1alpha1.TypeChecking op
3 conditions ~apis.meta.v1.Condition ro

.admissionregistration.v1alpha1.Validation
1 expression string
2 message string o
3 reason string op
4 messageExpression string o

.admissionregistration.v1alpha1.Variable
1 name string
2 expression string

.admissionregistration.v1beta1.AuditAnnotation
1 key string
2 valueExpression string

.admissionregistration.v1beta1.ExpressionWarning
2 fieldRef string
3 warning string

.admissionregistration.v1beta1.MatchCondition
1 name string
2 expression string

.admissionregistration.v1beta1.MatchResources
1 namespaceSelector ~apis.meta.v1.LabelSelector op
2 objectSelector ~apis.meta.v1.LabelSelector op
3 resourceRules .admissionregistration.v1beta1.NamedRuleWithOperations ro
4 excludeResourceRules .admissionregistration.v1beta1.NamedRuleWithOperations ro
7 matchPolicy string op

.admissionregistration.v1beta1.MutatingWebhook
1 name string
2 clientConfig .admissionregistration.v1beta1.WebhookClientConfig
3 rules .admissionregistration.v1.RuleWithOperations ro
4 failurePolicy string op
9 matchPolicy string op
5 namespaceSelector ~apis.meta.v1.LabelSelector op
11 objectSelector ~apis.meta.v1.LabelSelector op
6 sideEffects string op
7 timeoutSeconds int32 op
8 admissionReviewVersions string ro
10 reinvocationPolicy string op
12 matchConditions .admissionregistration.v1beta1.MatchCondition ro

.admissionregistration.v1beta1.MutatingWebhookConfiguration
1 metadata ~apis.meta.v1.ObjectMeta o
2 webhooks .admissionregistration.v1beta1.MutatingWebhook ro

.admissionregistration.v1beta1.MutatingWebhookConfigurationList
1 metadata ~apis.meta.v1.ListMeta o
2 items .admissionregistration.v1beta1.MutatingWebhookConfiguration r

.admissionregistration.v1beta1.NamedRuleWithOperations
1 resourceNames string ro
2 ruleWithOperations .admissionregistration.v1.RuleWithOperations i

.admissionregistration.v1beta1.ParamKind
1 apiVersion string o
2 kind string o

.admissionregistration.v1beta1.ParamRef
1 name string o
2 namespace string o
3 selector ~apis.meta.v1.LabelSelector op
4 parameterNotFoundAction string op

.admissionregistration.v1beta1.ServiceReference
1 namespace string
2 name string
3 path string op
4 port int32 op

.admissionregistration.v1beta1.TypeChecking
1 expressionWarnings .admissionregistration.v1beta1.ExpressionWarning ro

.admissionregistration.v1beta1.ValidatingAdmissionPolicy
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .admissionregistration.v1beta1.ValidatingAdmissionPolicySpec o
3 status .admissionregistration.v1beta1.ValidatingAdmissionPolicyStatus o

.admissionregistration.v1beta1.ValidatingAdmissionPolicyBinding
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .admissionregistration.v1beta1.ValidatingAdmissionPolicyBindingSpec o

.admissionregistration.v1beta1.ValidatingAdmissionPolicyBindingList
1 metadata ~apis.meta.v1.ListMeta o
2 items .admissionregistration.v1beta1.ValidatingAdmissionPolicyBinding r

.admissionregistration.v1beta1.ValidatingAdmissionPolicyBindingSpec
1 policyName string o
2 paramRef .admissionregistration.v1beta1.ParamRef op
3 matchResources .admissionregistration.v1beta1.MatchResources op
4 validationActions string ro

.admissionregistration.v1beta1.ValidatingAdmissionPolicyList
1 metadata ~apis.meta.v1.ListMeta o
2 items .admissionregistration.v1beta1.ValidatingAdmissionPolicy r

.admissionregistration.v1beta1.ValidatingAdmissionPolicySpec
1 paramKind .admissionregistration.v1beta1.ParamKind op
2 matchConstraints .admissionregistration.v1beta1.MatchResources op
3 validations .admissionregistration.v1beta1.Validation ro
4 failurePolicy string op
5 auditAnnotations .admissionregistration.v1beta1.AuditAnnotation ro
6 matchConditions .admissionregistration.v1beta1.MatchCondition ro
7 variables .admissionregistration.v1beta1.Variable ro

.admissionregistration.v1beta1.ValidatingAdmissionPolicyStatus
1 observedGeneration int64 o
2 typeChecking .admissionregistration.v1beta1.TypeChecking op
3 conditions ~apis.meta.v1.Condition ro

.admissionregistration.v1beta1.ValidatingWebhook
1 name string
2 clientConfig .admissionregistration.v1beta1.WebhookClientConfig
3 rules .admissionregistration.v1.RuleWithOperations ro
4 failurePolicy string op
9 matchPolicy string op
5 namespaceSelector ~apis.meta.v1.LabelSelector op
10 objectSelector ~apis.meta.v1.LabelSelector op
6 sideEffects string op
7 timeoutSeconds int32 op
8 admissionReviewVersions string ro
11 matchConditions .admissionregistration.v1beta1.MatchCondition ro

.admissionregistration.v1beta1.ValidatingWebhookConfiguration
1 metadata ~apis.meta.v1.ObjectMeta o
2 webhooks .admissionregistration.v1beta1.ValidatingWebhook ro

.admissionregistration.v1beta1.ValidatingWebhookConfigurationList
1 metadata ~apis.meta.v1.ListMeta o
2 items .admissionregistration.v1beta1.ValidatingWebhookConfiguration r

.admissionregistration.v1beta1.Validation
1 expression string
2 message string o
3 reason string op
4 messageExpression string o

.admissionregistration.v1beta1.Variable
1 name string
2 expression string

.admissionregistration.v1beta1.WebhookClientConfig
3 url string op
1 service .admissionregistration.v1beta1.ServiceReference op
2 caBundle bytes o

.apidiscovery.v2.APIGroupDiscovery
1 metadata ~apis.meta.v1.ObjectMeta o
2 versions .apidiscovery.v2.APIVersionDiscovery ro

.apidiscovery.v2.APIGroupDiscoveryList
1 metadata ~apis.meta.v1.ListMeta o
2 items .apidiscovery.v2.APIGroupDiscovery r

.apidiscovery.v2.APIResourceDiscovery
1 resource string
2 responseKind ~apis.meta.v1.GroupVersionKind op
3 scope string
4 singularResource string
5 verbs string r
6 shortNames string ro
7 categories string ro
8 subresources .apidiscovery.v2.APISubresourceDiscovery ro

.apidiscovery.v2.APISubresourceDiscovery
1 subresource string
2 responseKind ~apis.meta.v1.GroupVersionKind op
3 acceptedTypes ~apis.meta.v1.GroupVersionKind ro
4 verbs string r

.apidiscovery.v2.APIVersionDiscovery
1 version string
2 resources .apidiscovery.v2.APIResourceDiscovery ro
3 freshness string o

.apidiscovery.v2beta1.APIGroupDiscovery
1 metadata ~apis.meta.v1.ObjectMeta o
2 versions .apidiscovery.v2beta1.APIVersionDiscovery ro

.apidiscovery.v2beta1.APIGroupDiscoveryList
1 metadata ~apis.meta.v1.ListMeta o
2 items .apidiscovery.v2beta1.APIGroupDiscovery r

.apidiscovery.v2beta1.APIResourceDiscovery
1 resource string
2 responseKind ~apis.meta.v1.GroupVersionKind op
3 scope string
4 singularResource string
5 verbs string r
6 shortNames string ro
7 categories string ro
8 subresources .apidiscovery.v2beta1.APISubresourceDiscovery ro

.apidiscovery.v2beta1.APISubresourceDiscovery
1 subresource string
2 responseKind ~apis.meta.v1.GroupVersionKind op
3 acceptedTypes ~apis.meta.v1.GroupVersionKind ro
4 verbs string r

.apidiscovery.v2beta1.APIVersionDiscovery
1 version string
2 resources .apidiscovery.v2beta1.APIResourceDiscovery ro
3 freshness string o

.apiserverinternal.v1alpha1.ServerStorageVersion
1 apiServerID string o
2 encodingVersion string o
3 decodableVersions string ro
4 servedVersions string ro

.apiserverinternal.v1alpha1.StorageVersion
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .apiserverinternal.v1alpha1.StorageVersionSpec
3 status .apiserverinternal.v1alpha1.StorageVersionStatus

.apiserverinternal.v1alpha1.StorageVersionCondition
1 type string
2 status string
3 observedGeneration int64 o
4 lastTransitionTime ~apis.meta.v1.Time o
5 reason string
6 message string o

.apiserverinternal.v1alpha1.StorageVersionList
1 metadata ~apis.meta.v1.ListMeta o
2 items .apiserverinternal.v1alpha1.StorageVersion r

.apiserverinternal.v1alpha1.StorageVersionSpec

.apiserverinternal.v1alpha1.StorageVersionStatus
1 storageVersions .apiserverinternal.v1alpha1.ServerStorageVersion ro
2 commonEncodingVersion string op
3 conditions .apiserverinternal.v1alpha1.StorageVersionCondition ro

.apps.v1.ControllerRevision
1 metadata ~apis.meta.v1.ObjectMeta o
2 data ~runtime.RawExtension o
3 revision int64

.apps.v1.ControllerRevisionList
1 metadata ~apis.meta.v1.ListMeta o
2 items .apps.v1.ControllerRevision r

.apps.v1.DaemonSet
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .apps.v1.DaemonSetSpec o
3 status .apps.v1.DaemonSetStatus o

.apps.v1.DaemonSetCondition
1 type string
2 status string
3 lastTransitionTime ~apis.meta.v1.Time o
4 reason string o
5 message string o

.apps.v1.DaemonSetList
1 metadata ~apis.meta.v1.ListMeta o
2 items .apps.v1.DaemonSet r

.apps.v1.DaemonSetSpec
1 selector ~apis.meta.v1.LabelSelector p
2 template .core.v1.PodTemplateSpec
3 updateStrategy .apps.v1.DaemonSetUpdateStrategy o
4 minReadySeconds int32 o
6 revisionHistoryLimit int32 op

.apps.v1.DaemonSetStatus
1 currentNumberScheduled int32
2 numberMisscheduled int32
3 desiredNumberScheduled int32
4 numberReady int32
5 observedGeneration int64 o
6 updatedNumberScheduled int32 o
7 numberAvailable int32 o
8 numberUnavailable int32 o
9 collisionCount int32 op
10 conditions .apps.v1.DaemonSetCondition ro

.apps.v1.DaemonSetUpdateStrategy
1 type string o
2 rollingUpdate .apps.v1.RollingUpdateDaemonSet op

.apps.v1.Deployment
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .apps.v1.DeploymentSpec o
3 status .apps.v1.DeploymentStatus o

.apps.v1.DeploymentCondition
1 type string
2 status string
6 lastUpdateTime ~apis.meta.v1.Time o
7 lastTransitionTime ~apis.meta.v1.Time o
4 reason string o
5 message string o

.apps.v1.DeploymentList
1 metadata ~apis.meta.v1.ListMeta o
2 items .apps.v1.Deployment r

.apps.v1.DeploymentSpec
1 replicas int32 op
2 selector ~apis.meta.v1.LabelSelector p
3 template .core.v1.PodTemplateSpec
4 strategy .apps.v1.DeploymentStrategy o
5 minReadySeconds int32 o
6 revisionHistoryLimit int32 op
7 paused bool o
9 progressDeadlineSeconds int32 op

.apps.v1.DeploymentStatus
1 observedGeneration int64 o
2 replicas int32 o
3 updatedReplicas int32 o
7 readyReplicas int32 o
4 availableReplicas int32 o
5 unavailableReplicas int32 o
6 conditions .apps.v1.DeploymentCondition ro
8 collisionCount int32 op

.apps.v1.DeploymentStrategy
1 type string o
2 rollingUpdate .apps.v1.RollingUpdateDeployment op

.apps.v1.ReplicaSet
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .apps.v1.ReplicaSetSpec o
3 status .apps.v1.ReplicaSetStatus o

.apps.v1.ReplicaSetCondition
1 type string
2 status string
3 lastTransitionTime ~apis.meta.v1.Time o
4 reason string o
5 message string o

.apps.v1.ReplicaSetList
1 metadata ~apis.meta.v1.ListMeta o
2 items .apps.v1.ReplicaSet r

.apps.v1.ReplicaSetSpec
1 replicas int32 op
4 minReadySeconds int32 o
2 selector ~apis.meta.v1.LabelSelector p
3 template .core.v1.PodTemplateSpec o

.apps.v1.ReplicaSetStatus
1 replicas int32
2 fullyLabeledReplicas int32 o
4 readyReplicas int32 o
5 availableReplicas int32 o
3 observedGeneration int64 o
6 conditions .apps.v1.ReplicaSetCondition ro

.apps.v1.RollingUpdateDaemonSet
1 maxUnavailable ~util.intstr.IntOrString op
2 maxSurge ~util.intstr.IntOrString op

.apps.v1.RollingUpdateDeployment
1 maxUnavailable ~util.intstr.IntOrString op
2 maxSurge ~util.intstr.IntOrString op

.apps.v1.RollingUpdateStatefulSetStrategy
1 partition int32 op
2 maxUnavailable ~util.intstr.IntOrString op

.apps.v1.StatefulSet
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .apps.v1.StatefulSetSpec o
3 status .apps.v1.StatefulSetStatus o

.apps.v1.StatefulSetCondition
1 type string
2 status string
3 lastTransitionTime ~apis.meta.v1.Time o
4 reason string o
5 message string o

.apps.v1.StatefulSetList
1 metadata ~apis.meta.v1.ListMeta o
2 items .apps.v1.StatefulSet r

.apps.v1.StatefulSetOrdinals
1 start int32

.apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy
1 whenDeleted string o
2 whenScaled string o

.apps.v1.StatefulSetSpec
1 replicas int32 op
2 selector ~apis.meta.v1.LabelSelector p
3 template .core.v1.PodTemplateSpec
4 volumeClaimTemplates .core.v1.PersistentVolumeClaim ro
5 serviceName string
6 podManagementPolicy string o
7 updateStrategy .apps.v1.StatefulSetUpdateStrategy o
8 revisionHistoryLimit int32 op
9 minReadySeconds int32 o
10 persistentVolumeClaimRetentionPolicy .apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy op
11 ordinals .apps.v1.StatefulSetOrdinals op

.apps.v1.StatefulSetStatus
1 observedGeneration int64 o
2 replicas int32
3 readyReplicas int32 o
4 currentReplicas int32 o
5 updatedReplicas int32 o
6 currentRevision string o
7 updateRevision string o
9 collisionCount int32 op
10 conditions .apps.v1.StatefulSetCondition ro
11 availableReplicas int32

.apps.v1.StatefulSetUpdateStrategy
1 type string o
2 rollingUpdate .apps.v1.RollingUpdateStatefulSetStrategy op

.apps.v1beta1.ControllerRevision
1 metadata ~apis.meta.v1.ObjectMeta o
2 data ~runtime.RawExtension o
3 revision int64

.apps.v1beta1.ControllerRevisionList
1 metadata ~apis.meta.v1.ListMeta o
2 items .apps.v1beta1.ControllerRevision r

.apps.v1beta1.Deployment
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .apps.v1beta1.DeploymentSpec o
3 status .apps.v1beta1.DeploymentStatus o

.apps.v1beta1.DeploymentCondition
1 type string
2 status string
6 lastUpdateTime ~apis.meta.v1.Time o
7 lastTransitionTime ~apis.meta.v1.Time o
4 reason string o
5 message string o

.apps.v1beta1.DeploymentList
1 metadata ~apis.meta.v1.ListMeta o
2 items .apps.v1beta1.Deployment r

.apps.v1beta1.DeploymentRollback
1 name string
2 updatedAnnotations string mo
3 rollbackTo .apps.v1beta1.RollbackConfig

.apps.v1beta1.DeploymentSpec
1 replicas int32 op
2 selector ~apis.meta.v1.LabelSelector op
3 template .core.v1.PodTemplateSpec
4 strategy .apps.v1beta1.DeploymentStrategy o
5 minReadySeconds int32 o
6 revisionHistoryLimit int32 op
7 paused bool o
8 rollbackTo .apps.v1beta1.RollbackConfig op
9 progressDeadlineSeconds int32 op

.apps.v1beta1.DeploymentStatus
1 observedGeneration int64 o
2 replicas int32 o
3 updatedReplicas int32 o
7 readyReplicas int32 o
4 availableReplicas int32 o
5 unavailableReplicas int32 o
6 conditions .apps.v1beta1.DeploymentCondition ro
8 collisionCount int32 op

.apps.v1beta1.DeploymentStrategy
1 type string o
2 rollingUpdate .apps.v1beta1.RollingUpdateDeployment op

.apps.v1beta1.RollbackConfig
1 revision int64 o

.apps.v1beta1.RollingUpdateDeployment
1 maxUnavailable ~util.intstr.IntOrString op
2 maxSurge ~util.intstr.IntOrString op

.apps.v1beta1.RollingUpdateStatefulSetStrategy
1 partition int32 op
2 maxUnavailable ~util.intstr.IntOrString op

.apps.v1beta1.Scale
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .apps.v1beta1.ScaleSpec o
3 status .apps.v1beta1.ScaleStatus o

.apps.v1beta1.ScaleSpec
1 replicas int32 o

.apps.v1beta1.ScaleStatus
1 replicas int32
2 selector string mo
3 targetSelector string o

.apps.v1beta1.StatefulSet
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .apps.v1beta1.StatefulSetSpec o
3 status .apps.v1beta1.StatefulSetStatus o

.apps.v1beta1.StatefulSetCondition
1 type string
2 status string
3 lastTransitionTime ~apis.meta.v1.Time o
4 reason string o
5 message string o

.apps.v1beta1.StatefulSetList
1 metadata ~apis.meta.v1.ListMeta o
2 items .apps.v1beta1.StatefulSet r

.apps.v1beta1.StatefulSetOrdinals
1 start int32

.apps.v1beta1.StatefulSetPersistentVolumeClaimRetentionPolicy
1 whenDeleted string o
2 whenScaled string o

.apps.v1beta1.StatefulSetSpec
1 replicas int32 op
2 selector ~apis.meta.v1.LabelSelector op
3 template .core.v1.PodTemplateSpec
4 volumeClaimTemplates .core.v1.PersistentVolumeClaim ro
5 serviceName string
6 podManagementPolicy string o
7 updateStrategy .apps.v1beta1.StatefulSetUpdateStrategy o
8 revisionHistoryLimit int32 op
9 minReadySeconds int32 o
10 persistentVolumeClaimRetentionPolicy .apps.v1beta1.StatefulSetPersistentVolumeClaimRetentionPolicy op
11 ordinals .apps.v1beta1.StatefulSetOrdinals op

.apps.v1beta1.StatefulSetStatus
1 observedGeneration int64 op
2 replicas int32
3 readyReplicas int32 o
4 currentReplicas int32 o
5 updatedReplicas int32 o
6 currentRevision string o
7 updateRevision string o
9 collisionCount int32 op
10 conditions .apps.v1beta1.StatefulSetCondition ro
11 availableReplicas int32

.apps.v1beta1.StatefulSetUpdateStrategy
1 type string o
2 rollingUpdate .apps.v1beta1.RollingUpdateStatefulSetStrategy op

.apps.v1beta2.ControllerRevision
1 metadata ~apis.meta.v1.ObjectMeta o
2 data ~runtime.RawExtension o
3 revision int64

.apps.v1beta2.ControllerRevisionList
1 metadata ~apis.meta.v1.ListMeta o
2 items .apps.v1beta2.ControllerRevision r

.apps.v1beta2.DaemonSet
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .apps.v1beta2.DaemonSetSpec o
3 status .apps.v1beta2.DaemonSetStatus o

.apps.v1beta2.DaemonSetCondition
1 type string
2 status string
3 lastTransitionTime ~apis.meta.v1.Time o
4 reason string o
5 message string o

.apps.v1beta2.DaemonSetList
1 metadata ~apis.meta.v1.ListMeta o
2 items .apps.v1beta2.DaemonSet r

.apps.v1beta2.DaemonSetSpec
1 selector ~apis.meta.v1.LabelSelector p
2 template .core.v1.PodTemplateSpec
3 updateStrategy .apps.v1beta2.DaemonSetUpdateStrategy o
4 minReadySeconds int32 o
6 revisionHistoryLimit int32 op

.apps.v1beta2.DaemonSetStatus
1 currentNumberScheduled int32
2 numberMisscheduled int32
3 desiredNumberScheduled int32
4 numberReady int32
5 observedGeneration int64 o
6 updatedNumberScheduled int32 o
7 numberAvailable int32 o
8 numberUnavailable int32 o
9 collisionCount int32 op
10 conditions .apps.v1beta2.DaemonSetCondition ro

.apps.v1beta2.DaemonSetUpdateStrategy
1 type string o
2 rollingUpdate .apps.v1beta2.RollingUpdateDaemonSet op

.apps.v1beta2.Deployment
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .apps.v1beta2.DeploymentSpec o
3 status .apps.v1beta2.DeploymentStatus o

.apps.v1beta2.DeploymentCondition
1 type string
2 status string
6 lastUpdateTime ~apis.meta.v1.Time o
7 lastTransitionTime ~apis.meta.v1.Time o
4 reason string o
5 message string o

.apps.v1beta2.DeploymentList
1 metadata ~apis.meta.v1.ListMeta o
2 items .apps.v1beta2.Deployment r

.apps.v1beta2.DeploymentSpec
1 replicas int32 op
2 selector ~apis.meta.v1.LabelSelector p
3 template .core.v1.PodTemplateSpec
4 strategy .apps.v1beta2.DeploymentStrategy o
5 minReadySeconds int32 o
6 revisionHistoryLimit int32 op
7 paused bool o
9 progressDeadlineSeconds int32 op

.apps.v1beta2.DeploymentStatus
1 observedGeneration int64 o
2 replicas int32 o
3 updatedReplicas int32 o
7 readyReplicas int32 o
4 availableReplicas int32 o
5 unavailableReplicas int32 o
6 conditions .apps.v1beta2.DeploymentCondition ro
8 collisionCount int32 op

.apps.v1beta2.DeploymentStrategy
1 type string o
2 rollingUpdate .apps.v1beta2.RollingUpdateDeployment op

.apps.v1beta2.ReplicaSet
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .apps.v1beta2.ReplicaSetSpec o
3 status .apps.v1beta2.ReplicaSetStatus o

.apps.v1beta2.ReplicaSetCondition
1 type string
2 status string
3 lastTransitionTime ~apis.meta.v1.Time o
4 reason string o
5 message string o

.apps.v1beta2.ReplicaSetList
1 metadata ~apis.meta.v1.ListMeta o
2 items .apps.v1beta2.ReplicaSet r

.apps.v1beta2.ReplicaSetSpec
1 replicas int32 op
4 minReadySeconds int32 o
2 selector ~apis.meta.v1.LabelSelector p
3 template .core.v1.PodTemplateSpec o

.apps.v1beta2.ReplicaSetStatus
1 replicas int32
2 fullyLabeledReplicas int32 o
4 readyReplicas int32 o
5 availableReplicas int32 o
3 observedGeneration int64 o
6 conditions .apps.v1beta2.ReplicaSetCondition ro

.apps.v1beta2.RollingUpdateDaemonSet
1 maxUnavailable ~util.intstr.IntOrString op
2 maxSurge ~util.intstr.IntOrString op

.apps.v1beta2.RollingUpdateDeployment
1 maxUnavailable ~util.intstr.IntOrString op
2 maxSurge ~util.intstr.IntOrString op

.apps.v1beta2.RollingUpdateStatefulSetStrategy
1 partition int32 op
2 maxUnavailable ~util.intstr.IntOrString op

.apps.v1beta2.Scale
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .apps.v1beta2.ScaleSpec o
3 status .apps.v1beta2.ScaleStatus o

.apps.v1beta2.ScaleSpec
1 replicas int32 o

.apps.v1beta2.ScaleStatus
1 replicas int32
2 selector string mo
3 targetSelector string o

.apps.v1beta2.StatefulSet
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .apps.v1beta2.StatefulSetSpec o
3 status .apps.v1beta2.StatefulSetStatus o

.apps.v1beta2.StatefulSetCondition
1 type string
2 status string
3 lastTransitionTime ~apis.meta.v1.Time o
4 reason string o
5 message string o

.apps.v1beta2.StatefulSetList
1 metadata ~apis.meta.v1.ListMeta o
2 items .apps.v1beta2.StatefulSet r

.apps.v1beta2.StatefulSetOrdinals
1 start int32

.apps.v1beta2.StatefulSetPersistentVolumeClaimRetentionPolicy
1 whenDeleted string o
2 whenScaled string o

.apps.v1beta2.StatefulSetSpec
1 replicas int32 op
2 selector ~apis.meta.v1.LabelSelector p
3 template .core.v1.PodTemplateSpec
4 volumeClaimTemplates .core.v1.PersistentVolumeClaim ro
5 serviceName string
6 podManagementPolicy string o
7 updateStrategy .apps.v1beta2.StatefulSetUpdateStrategy o
8 revisionHistoryLimit int32 op
9 minReadySeconds int32 o
10 persistentVolumeClaimRetentionPolicy .apps.v1beta2.StatefulSetPersistentVolumeClaimRetentionPolicy op
11 ordinals .apps.v1beta2.StatefulSetOrdinals op

.apps.v1beta2.StatefulSetStatus
1 observedGeneration int64 o
2 replicas int32
3 readyReplicas int32 o
4 currentReplicas int32 o
5 updatedReplicas int32 o
6 currentRevision string o
7 updateRevision string o
9 collisionCount int32 op
10 conditions .apps.v1beta2.StatefulSetCondition ro
11 availableReplicas int32

.apps.v1beta2.StatefulSetUpdateStrategy
1 type string o
2 rollingUpdate .apps.v1beta2.RollingUpdateStatefulSetStrategy op

.authentication.v1.BoundObjectReference
1 kind string o
2 apiVersion string o
3 name string o
4 uid string o

=.authentication.v1.ExtraValue
1 items string r

.authentication.v1.SelfSubjectReview
1 metadata ~apis.meta.v1.ObjectMeta o
2 status .authentication.v1.SelfSubjectReviewStatus o

.authentication.v1.SelfSubjectReviewStatus
1 userInfo .authentication.v1.UserInfo o

.authentication.v1.TokenRequest
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .authentication.v1.TokenRequestSpec
3 status .authentication.v1.TokenRequestStatus o

.authentication.v1.TokenRequestSpec
1 audiences string r
4 expirationSeconds int64 p
3 boundObjectRef .authentication.v1.BoundObjectReference p

.authentication.v1.TokenRequestStatus
1 token string
2 expirationTimestamp ~apis.meta.v1.Time

.authentication.v1.TokenReview
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .authentication.v1.TokenReviewSpec
3 status .authentication.v1.TokenReviewStatus o

.authentication.v1.TokenReviewSpec
1 token string o
2 audiences string ro

.authentication.v1.TokenReviewStatus
1 authenticated bool o
2 user .authentication.v1.UserInfo o
4 audiences string ro
3 error string o

.authentication.v1.UserInfo
1 username string o
2 uid string o
3 groups string ro
4 extra .authentication.v1.ExtraValue mo

.authentication.v1alpha1.SelfSubjectReview
1 metadata ~apis.meta.v1.ObjectMeta o
2 status .authentication.v1alpha1.SelfSubjectReviewStatus o

.authentication.v1alpha1.SelfSubjectReviewStatus
1 userInfo .authentication.v1.UserInfo o

=.authentication.v1beta1.ExtraValue
1 items string r

.authentication.v1beta1.SelfSubjectReview
1 metadata ~apis.meta.v1.ObjectMeta o
2 status .authentication.v1beta1.SelfSubjectReviewStatus o

.authentication.v1beta1.SelfSubjectReviewStatus
1 userInfo .authentication.v1.UserInfo o

.authentication.v1beta1.TokenReview
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .authentication.v1beta1.TokenReviewSpec
3 status .authentication.v1beta1.TokenReviewStatus o

.authentication.v1beta1.TokenReviewSpec
1 token string o
2 audiences string ro

.authentication.v1beta1.TokenReviewStatus
1 authenticated bool o
2 user .authentication.v1beta1.UserInfo o
4 audiences string ro
3 error string o

.authentication.v1beta1.UserInfo
1 username string o
2 uid string o
3 groups string ro
4 extra .authentication.v1beta1.ExtraValue mo

=.authorization.v1.ExtraValue
1 items string r

.authorization.v1.FieldSelectorAttributes
1 rawSelector string o
2 requirements ~apis.meta.v1.FieldSelectorRequirement ro

.authorization.v1.LabelSelectorAttributes
1 rawSelector string o
2 requirements ~apis.meta.v1.LabelSelectorRequirement ro

.authorization.v1.LocalSubjectAccessReview
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .authorization.v1.SubjectAccessReviewSpec
3 status .authorization.v1.SubjectAccessReviewStatus o

.authorization.v1.NonResourceAttributes
1 path string o
2 verb string o

.authorization.v1.NonResourceRule
1 verbs string r
2 nonResourceURLs string ro

.authorization.v1.ResourceAttributes
1 namespace string o
2 verb string o
3 group string o
4 version string o
5 resource string o
6 subresource string o
7 name string o
8 fieldSelector .authorization.v1.FieldSelectorAttributes op
9 labelSelector .authorization.v1.LabelSelectorAttributes op

.authorization.v1.ResourceRule
1 verbs string r
2 apiGroups string ro
3 resources string ro
4 resourceNames string ro

.authorization.v1.SelfSubjectAccessReview
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .authorization.v1.SelfSubjectAccessReviewSpec
3 status .authorization.v1.SubjectAccessReviewStatus o

.authorization.v1.SelfSubjectAccessReviewSpec
1 resourceAttributes .authorization.v1.ResourceAttributes op
2 nonResourceAttributes .authorization.v1.NonResourceAttributes op

.authorization.v1.SelfSubjectRulesReview
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .authorization.v1.SelfSubjectRulesReviewSpec
3 status .authorization.v1.SubjectRulesReviewStatus o

.authorization.v1.SelfSubjectRulesReviewSpec
1 namespace string o

.authorization.v1.SubjectAccessReview
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .authorization.v1.SubjectAccessReviewSpec
3 status .authorization.v1.SubjectAccessReviewStatus o

.authorization.v1.SubjectAccessReviewSpec
1 resourceAttributes .authorization.v1.ResourceAttributes op
2 nonResourceAttributes .authorization.v1.NonResourceAttributes op
3 user string o
4 groups string ro
5 extra .authorization.v1.ExtraValue mo
6 uid string o

.authorization.v1.SubjectAccessReviewStatus
1 allowed bool
4 denied bool o
2 reason string o
3 evaluationError string o

.authorization.v1.SubjectRulesReviewStatus
1 resourceRules .authorization.v1.ResourceRule r
2 nonResourceRules .authorization.v1.NonResourceRule r
3 incomplete bool
4 evaluationError string o

=.authorization.v1beta1.ExtraValue
1 items string r

.authorization.v1beta1.LocalSubjectAccessReview
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .authorization.v1beta1.SubjectAccessReviewSpec
3 status .authorization.v1beta1.SubjectAccessReviewStatus o

.authorization.v1beta1.NonResourceAttributes
1 path string o
2 verb string o

.authorization.v1beta1.NonResourceRule
1 verbs string r
2 nonResourceURLs string ro

.authorization.v1beta1.ResourceAttributes
1 namespace string o
2 verb string o
3 group string o
4 version string o
5 resource string o
6 subresource string o
7 name string o
8 fieldSelector .authorization.v1.FieldSelectorAttributes op
9 labelSelector .authorization.v1.LabelSelectorAttributes op

.authorization.v1beta1.ResourceRule
1 verbs string r
2 apiGroups string ro
3 resources string ro
4 resourceNames string ro

.authorization.v1beta1.SelfSubjectAccessReview
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .authorization.v1beta1.SelfSubjectAccessReviewSpec
3 status .authorization.v1beta1.SubjectAccessReviewStatus o

.authorization.v1beta1.SelfSubjectAccessReviewSpec
1 resourceAttributes .authorization.v1beta1.ResourceAttributes op
2 nonResourceAttributes .authorization.v1beta1.NonResourceAttributes op

.authorization.v1beta1.SelfSubjectRulesReview
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .authorization.v1beta1.SelfSubjectRulesReviewSpec
3 status .authorization.v1beta1.SubjectRulesReviewStatus o

.authorization.v1beta1.SelfSubjectRulesReviewSpec
1 namespace string o

.authorization.v1beta1.SubjectAccessReview
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .authorization.v1beta1.SubjectAccessReviewSpec
3 status .authorization.v1beta1.SubjectAccessReviewStatus o

.authorization.v1beta1.SubjectAccessReviewSpec
1 resourceAttributes .authorization.v1beta1.ResourceAttributes op
2 nonResourceAttributes .authorization.v1beta1.NonResourceAttributes op
3 user string o
4 group string ro
5 extra .authorization.v1beta1.ExtraValue mo
6 uid string o

.authorization.v1beta1.SubjectAccessReviewStatus
1 allowed bool
4 denied bool o
2 reason string o
3 evaluationError string o

.authorization.v1beta1.SubjectRulesReviewStatus
1 resourceRules .authorization.v1beta1.ResourceRule r
2 nonResourceRules .authorization.v1beta1.NonResourceRule r
3 incomplete bool
4 evaluationError string o

.autoscaling.v1.ContainerResourceMetricSource
1 name string
2 targetAverageUtilization int32 op
3 targetAverageValue ~api.resource.Quantity op
5 container string

.autoscaling.v1.ContainerResourceMetricStatus
1 name string
2 currentAverageUtilization int32 op
3 currentAverageValue ~api.resource.Quantity
4 container string

.autoscaling.v1.CrossVersionObjectReference
1 kind string
2 name string
3 apiVersion string o

.autoscaling.v1.ExternalMetricSource
1 metricName string
2 metricSelector ~apis.meta.v1.LabelSelector op
3 targetValue ~api.resource.Quantity op
4 targetAverageValue ~api.resource.Quantity op

.autoscaling.v1.ExternalMetricStatus
1 metricName string
2 metricSelector ~apis.meta.v1.LabelSelector op
3 currentValue ~api.resource.Quantity
4 currentAverageValue ~api.resource.Quantity op

.autoscaling.v1.HorizontalPodAutoscaler
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .autoscaling.v1.HorizontalPodAutoscalerSpec o
3 status .autoscaling.v1.HorizontalPodAutoscalerStatus o

.autoscaling.v1.HorizontalPodAutoscalerCondition
1 type string
2 status string
3 lastTransitionTime ~apis.meta.v1.Time o
4 reason string o
5 message string o

.autoscaling.v1.HorizontalPodAutoscalerList
1 metadata ~apis.meta.v1.ListMeta o
2 items .autoscaling.v1.HorizontalPodAutoscaler r

.autoscaling.v1.HorizontalPodAutoscalerSpec
1 scaleTargetRef .autoscaling.v1.CrossVersionObjectReference
2 minReplicas int32 op
3 maxReplicas int32
4 targetCPUUtilizationPercentage int32 op

.autoscaling.v1.HorizontalPodAutoscalerStatus
1 observedGeneration int64 op
2 lastScaleTime ~apis.meta.v1.Time op
3 currentReplicas int32
4 desiredReplicas int32
5 currentCPUUtilizationPercentage int32 op

.autoscaling.v1.MetricSpec
1 type string
2 object .autoscaling.v1.ObjectMetricSource op
3 pods .autoscaling.v1.PodsMetricSource op
4 resource .autoscaling.v1.ResourceMetricSource op
7 containerResource .autoscaling.v1.ContainerResourceMetricSource op
5 external .autoscaling.v1.ExternalMetricSource op

.autoscaling.v1.MetricStatus
1 type string
2 object .autoscaling.v1.ObjectMetricStatus op
3 pods .autoscaling.v1.PodsMetricStatus op
4 resource .autoscaling.v1.ResourceMetricStatus op
7 containerResource .autoscaling.v1.ContainerResourceMetricStatus op
5 external .autoscaling.v1.ExternalMetricStatus op

.autoscaling.v1.ObjectMetricSource
1 target .autoscaling.v1.CrossVersionObjectReference
2 metricName string
3 targetValue ~api.resource.Quantity
4 selector ~apis.meta.v1.LabelSelector op
5 averageValue ~api.resource.Quantity op

.autoscaling.v1.ObjectMetricStatus
1 target .autoscaling.v1.CrossVersionObjectReference
2 metricName string
3 currentValue ~api.resource.Quantity
4 selector ~apis.meta.v1.LabelSelector op
5 averageValue ~api.resource.Quantity op

.autoscaling.v1.PodsMetricSource
1 metricName string
2 targetAverageValue ~api.resource.Quantity
3 selector ~apis.meta.v1.LabelSelector op

.autoscaling.v1.PodsMetricStatus
1 metricName string
2 currentAverageValue ~api.resource.Quantity
3 selector ~apis.meta.v1.LabelSelector op

.autoscaling.v1.ResourceMetricSource
1 name string
2 targetAverageUtilization int32 op
3 targetAverageValue ~api.resource.Quantity op

.autoscaling.v1.ResourceMetricStatus
1 name string
2 currentAverageUtilization int32 op
3 currentAverageValue ~api.resource.Quantity

.autoscaling.v1.Scale
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .autoscaling.v1.ScaleSpec o
3 status .autoscaling.v1.ScaleStatus o

.autoscaling.v1.ScaleSpec
1 replicas int32 o

.autoscaling.v1.ScaleStatus
1 replicas int32
2 selector string o

.autoscaling.v2.ContainerResourceMetricSource
1 name string
2 target .autoscaling.v2.MetricTarget
3 container string

.autoscaling.v2.ContainerResourceMetricStatus
1 name string
2 current .autoscaling.v2.MetricValueStatus
3 container string

.autoscaling.v2.CrossVersionObjectReference
1 kind string
2 name string
3 apiVersion string o

.autoscaling.v2.ExternalMetricSource
1 metric .autoscaling.v2.MetricIdentifier
2 target .autoscaling.v2.MetricTarget

.autoscaling.v2.ExternalMetricStatus
1 metric .autoscaling.v2.MetricIdentifier
2 current .autoscaling.v2.MetricValueStatus

.autoscaling.v2.HPAScalingPolicy
1 type string
2 value int32
3 periodSeconds int32

.autoscaling.v2.HPAScalingRules
3 stabilizationWindowSeconds int32 op
1 selectPolicy string op
2 policies .autoscaling.v2.HPAScalingPolicy ro

.autoscaling.v2.HorizontalPodAutoscaler
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .autoscaling.v2.HorizontalPodAutoscalerSpec o
3 status .autoscaling.v2.HorizontalPodAutoscalerStatus o

.autoscaling.v2.HorizontalPodAutoscalerBehavior
1 scaleUp .autoscaling.v2.HPAScalingRules op
2 scaleDown .autoscaling.v2.HPAScalingRules op

.autoscaling.v2.HorizontalPodAutoscalerCondition
1 type string
2 status string
3 lastTransitionTime ~apis.meta.v1.Time o
4 reason string o
5 message string o

.autoscaling.v2.HorizontalPodAutoscalerList
1 metadata ~apis.meta.v1.ListMeta o
2 items .autoscaling.v2.HorizontalPodAutoscaler r

.autoscaling.v2.HorizontalPodAutoscalerSpec
1 scaleTargetRef .autoscaling.v2.CrossVersionObjectReference
2 minReplicas int32 op
3 maxReplicas int32
4 metrics .autoscaling.v2.MetricSpec ro
5 behavior .autoscaling.v2.HorizontalPodAutoscalerBehavior op

.autoscaling.v2.HorizontalPodAutoscalerStatus
1 observedGeneration int64 op
2 lastScaleTime ~apis.meta.v1.Time op
3 currentReplicas int32 o
4 desiredReplicas int32
5 currentMetrics .autoscaling.v2.MetricStatus r
6 conditions .autoscaling.v2.HorizontalPodAutoscalerCondition ro

.autoscaling.v2.MetricIdentifier
1 name string
2 selector ~apis.meta.v1.LabelSelector op

.autoscaling.v2.MetricSpec
1 type string
2 object .autoscaling.v2.ObjectMetricSource op
3 pods .autoscaling.v2.PodsMetricSource op
4 resource .autoscaling.v2.ResourceMetricSource op
7 containerResource .autoscaling.v2.ContainerResourceMetricSource op
5 external .autoscaling.v2.ExternalMetricSource op

.autoscaling.v2.MetricStatus
1 type string
2 object .autoscaling.v2.ObjectMetricStatus op
3 pods .autoscaling.v2.PodsMetricStatus op
4 resource .autoscaling.v2.ResourceMetricStatus op
7 containerResource .autoscaling.v2.ContainerResourceMetricStatus op
5 external .autoscaling.v2.ExternalMetricStatus op

.autoscaling.v2.MetricTarget
1 type string
2 value ~api.resource.Quantity op
3 averageValue ~api.resource.Quantity op
4 averageUtilization int32 op

.autoscaling.v2.MetricValueStatus
1 value ~api.resource.Quantity op
2 averageValue ~api.resource.Quantity op
3 averageUtilization int32 op

.autoscaling.v2.ObjectMetricSource
1 describedObject .autoscaling.v2.CrossVersionObjectReference
2 target .autoscaling.v2.MetricTarget
3 metric .autoscaling.v2.MetricIdentifier

.autoscaling.v2.ObjectMetricStatus
1 metric .autoscaling.v2.MetricIdentifier
2 current .autoscaling.v2.MetricValueStatus
3 describedObject .autoscaling.v2.CrossVersionObjectReference

.autoscaling.v2.PodsMetricSource
1 metric .autoscaling.v2.MetricIdentifier
2 target .autoscaling.v2.MetricTarget

.autoscaling.v2.PodsMetricStatus
1 metric .autoscaling.v2.MetricIdentifier
2 current .autoscaling.v2.MetricValueStatus

.autoscaling.v2.ResourceMetricSource
1 name string
2 target .autoscaling.v2.MetricTarget

.autoscaling.v2.ResourceMetricStatus
1 name string
2 current .autoscaling.v2.MetricValueStatus

.autoscaling.v2beta1.ContainerResourceMetricSource
1 name string
2 targetAverageUtilization int32 op
3 targetAverageValue ~api.resource.Quantity op
4 container string

.autoscaling.v2beta1.ContainerResourceMetricStatus
1 name string
2 currentAverageUtilization int32 op
3 currentAverageValue ~api.resource.Quantity
4 container string

.autoscaling.v2beta1.CrossVersionObjectReference
1 kind string
2 name string
3 apiVersion string o

.autoscaling.v2beta1.ExternalMetricSource
1 metricName string
2 metricSelector ~apis.meta.v1.LabelSelector op
3 targetValue ~api.resource.Quantity op
4 targetAverageValue ~api.resource.Quantity op

.autoscaling.v2beta1.ExternalMetricStatus
1 metricName string
2 metricSelector ~apis.meta.v1.LabelSelector op
3 currentValue ~api.resource.Quantity
4 currentAverageValue ~api.resource.Quantity op

.autoscaling.v2beta1.HorizontalPodAutoscaler
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .autoscaling.v2beta1.HorizontalPodAutoscalerSpec o
3 status .autoscaling.v2beta1.HorizontalPodAutoscalerStatus o

.autoscaling.v2beta1.HorizontalPodAutoscalerCondition
1 type string
2 status string
3 lastTransitionTime ~apis.meta.v1.Time o
4 reason string o
5 message string o

.autoscaling.v2beta1.HorizontalPodAutoscalerList
1 metadata ~apis.meta.v1.ListMeta o
2 items .autoscaling.v2beta1.HorizontalPodAutoscaler r

.autoscaling.v2beta1.HorizontalPodAutoscalerSpec
1 scaleTargetRef .autoscaling.v2beta1.CrossVersionObjectReference
2 minReplicas int32 op
3 maxReplicas int32
4 metrics .autoscaling.v2beta1.MetricSpec ro

.autoscaling.v2beta1.HorizontalPodAutoscalerStatus
1 observedGeneration int64 op
2 lastScaleTime ~apis.meta.v1.Time op
3 currentReplicas int32
4 desiredReplicas int32
5 currentMetrics .autoscaling.v2beta1.MetricStatus r
6 conditions .autoscaling.v2beta1.HorizontalPodAutoscalerCondition r

.autoscaling.v2beta1.MetricSpec
1 type string
2 object .autoscaling.v2beta1.ObjectMetricSource op
3 pods .autoscaling.v2beta1.PodsMetricSource op
4 resource .autoscaling.v2beta1.ResourceMetricSource op
7 containerResource .autoscaling.v2beta1.ContainerResourceMetricSource op
5 external .autoscaling.v2beta1.ExternalMetricSource op

.autoscaling.v2beta1.MetricStatus
1 type string
2 object .autoscaling.v2beta1.ObjectMetricStatus op
3 pods .autoscaling.v2beta1.PodsMetricStatus op
4 resource .autoscaling.v2beta1.ResourceMetricStatus op
7 containerResource .autoscaling.v2beta1.ContainerResourceMetricStatus op
5 external .autoscaling.v2beta1.ExternalMetricStatus op

.autoscaling.v2beta1.ObjectMetricSource
1 target .autoscaling.v2beta1.CrossVersionObjectReference
2 metricName string
3 targetValue ~api.resource.Quantity
4 selector ~apis.meta.v1.LabelSelector op
5 averageValue ~api.resource.Quantity op

.autoscaling.v2beta1.ObjectMetricStatus
1 target .autoscaling.v2beta1.CrossVersionObjectReference
2 metricName string
3 currentValue ~api.resource.Quantity
4 selector ~apis.meta.v1.LabelSelector op
5 averageValue ~api.resource.Quantity op

.autoscaling.v2beta1.PodsMetricSource
1 metricName string
2 targetAverageValue ~api.resource.Quantity
3 selector ~apis.meta.v1.LabelSelector op

.autoscaling.v2beta1.PodsMetricStatus
1 metricName string
2 currentAverageValue ~api.resource.Quantity
3 selector ~apis.meta.v1.LabelSelector op

.autoscaling.v2beta1.ResourceMetricSource
1 name string
2 targetAverageUtilization int32 op
3 targetAverageValue ~api.resource.Quantity op

.autoscaling.v2beta1.ResourceMetricStatus
1 name string
2 currentAverageUtilization int32 op
3 currentAverageValue ~api.resource.Quantity

.autoscaling.v2beta2.ContainerResourceMetricSource
1 name string
2 target .autoscaling.v2beta2.MetricTarget
3 container string

.autoscaling.v2beta2.ContainerResourceMetricStatus
1 name string
2 current .autoscaling.v2beta2.MetricValueStatus
3 container string

.autoscaling.v2beta2.CrossVersionObjectReference
1 kind string
2 name string
3 apiVersion string o

.autoscaling.v2beta2.ExternalMetricSource
1 metric .autoscaling.v2beta2.MetricIdentifier
2 target .autoscaling.v2beta2.MetricTarget

.autoscaling.v2beta2.ExternalMetricStatus
1 metric .autoscaling.v2beta2.MetricIdentifier
2 current .autoscaling.v2beta2.MetricValueStatus

.autoscaling.v2beta2.HPAScalingPolicy
1 type string
2 value int32
3 periodSeconds int32

.autoscaling.v2beta2.HPAScalingRules
3 stabilizationWindowSeconds int32 op
1 selectPolicy string op
2 policies .autoscaling.v2beta2.HPAScalingPolicy ro

.autoscaling.v2beta2.HorizontalPodAutoscaler
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .autoscaling.v2beta2.HorizontalPodAutoscalerSpec o
3 status .autoscaling.v2beta2.HorizontalPodAutoscalerStatus o

.autoscaling.v2beta2.HorizontalPodAutoscalerBehavior
1 scaleUp .autoscaling.v2beta2.HPAScalingRules op
2 scaleDown .autoscaling.v2beta2.HPAScalingRules op

.autoscaling.v2beta2.HorizontalPodAutoscalerCondition
1 type string
2 status string
3 lastTransitionTime ~apis.meta.v1.Time o
4 reason string o
5 message string o

.autoscaling.v2beta2.HorizontalPodAutoscalerList
1 metadata ~apis.meta.v1.ListMeta o
2 items .autoscaling.v2beta2.HorizontalPodAutoscaler r

.autoscaling.v2beta2.HorizontalPodAutoscalerSpec
1 scaleTargetRef .autoscaling.v2beta2.CrossVersionObjectReference
2 minReplicas int32 op
3 maxReplicas int32
4 metrics .autoscaling.v2beta2.MetricSpec ro
5 behavior .autoscaling.v2beta2.HorizontalPodAutoscalerBehavior op

.autoscaling.v2beta2.HorizontalPodAutoscalerStatus
1 observedGeneration int64 op
2 lastScaleTime ~apis.meta.v1.Time op
3 currentReplicas int32
4 desiredReplicas int32
5 currentMetrics .autoscaling.v2beta2.MetricStatus r
6 conditions .autoscaling.v2beta2.HorizontalPodAutoscalerCondition r

.autoscaling.v2beta2.MetricIdentifier
1 name string
2 selector ~apis.meta.v1.LabelSelector op

.autoscaling.v2beta2.MetricSpec
1 type string
2 object .autoscaling.v2beta2.ObjectMetricSource op
3 pods .autoscaling.v2beta2.PodsMetricSource op
4 resource .autoscaling.v2beta2.ResourceMetricSource op
7 containerResource .autoscaling.v2beta2.ContainerResourceMetricSource op
5 external .autoscaling.v2beta2.ExternalMetricSource op

.autoscaling.v2beta2.MetricStatus
1 type string
2 object .autoscaling.v2beta2.ObjectMetricStatus op
3 pods .autoscaling.v2beta2.PodsMetricStatus op
4 resource .autoscaling.v2beta2.ResourceMetricStatus op
7 containerResource .autoscaling.v2beta2.ContainerResourceMetricStatus op
5 external .autoscaling.v2beta2.ExternalMetricStatus op

.autoscaling.v2beta2.MetricTarget
1 type string
2 value ~api.resource.Quantity op
3 averageValue ~api.resource.Quantity op
4 averageUtilization int32 op

.autoscaling.v2beta2.MetricValueStatus
1 value ~api.resource.Quantity op
2 averageValue ~api.resource.Quantity op
3 averageUtilization int32 op

.autoscaling.v2beta2.ObjectMetricSource
1 describedObject .autoscaling.v2beta2.CrossVersionObjectReference
2 target .autoscaling.v2beta2.MetricTarget
3 metric .autoscaling.v2beta2.MetricIdentifier

.autoscaling.v2beta2.ObjectMetricStatus
1 metric .autoscaling.v2beta2.MetricIdentifier
2 current .autoscaling.v2beta2.MetricValueStatus
3 describedObject .autoscaling.v2beta2.CrossVersionObjectReference

.autoscaling.v2beta2.PodsMetricSource
1 metric .autoscaling.v2beta2.MetricIdentifier
2 target .autoscaling.v2beta2.MetricTarget

.autoscaling.v2beta2.PodsMetricStatus
1 metric .autoscaling.v2beta2.MetricIdentifier
2 current .autoscaling.v2beta2.MetricValueStatus

.autoscaling.v2beta2.ResourceMetricSource
1 name string
2 target .autoscaling.v2beta2.MetricTarget

.autoscaling.v2beta2.ResourceMetricStatus
1 name string
2 current .autoscaling.v2beta2.MetricValueStatus

.batch.v1.CronJob
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .batch.v1.CronJobSpec o
3 status .batch.v1.CronJobStatus o

.batch.v1.CronJobList
1 metadata ~apis.meta.v1.ListMeta o
2 items .batch.v1.CronJob r

.batch.v1.CronJobSpec
1 schedule string
8 timeZone string op
2 startingDeadlineSeconds int64 op
3 concurrencyPolicy string o
4 suspend bool op
5 jobTemplate .batch.v1.JobTemplateSpec
6 successfulJobsHistoryLimit int32 op
7 failedJobsHistoryLimit int32 op

.batch.v1.CronJobStatus
1 active .core.v1.ObjectReference ro
4 lastScheduleTime ~apis.meta.v1.Time op
5 lastSuccessfulTime ~apis.meta.v1.Time op

.batch.v1.Job
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .batch.v1.JobSpec o
3 status .batch.v1.JobStatus o

.batch.v1.JobCondition
1 type string
2 status string
3 lastProbeTime ~apis.meta.v1.Time o
4 lastTransitionTime ~apis.meta.v1.Time o
5 reason string o
6 message string o

.batch.v1.JobList
1 metadata ~apis.meta.v1.ListMeta o
2 items .batch.v1.Job r

.batch.v1.JobSpec
1 parallelism int32 op
2 completions int32 op
3 activeDeadlineSeconds int64 op
11 podFailurePolicy .batch.v1.PodFailurePolicy op
16 successPolicy .batch.v1.SuccessPolicy op
7 backoffLimit int32 op
12 backoffLimitPerIndex int32 op
13 maxFailedIndexes int32 op
4 selector ~apis.meta.v1.LabelSelector op
5 manualSelector bool op
6 template .core.v1.PodTemplateSpec
8 ttlSecondsAfterFinished int32 op
9 completionMode string op
10 suspend bool op
14 podReplacementPolicy string op
15 managedBy string op

.batch.v1.JobStatus
1 conditions .batch.v1.JobCondition ro
2 startTime ~apis.meta.v1.Time op
3 completionTime ~apis.meta.v1.Time op
4 active int32 o
5 succeeded int32 o
6 failed int32 o
11 terminating int32 op
7 completedIndexes string o
10 failedIndexes string op
8 uncountedTerminatedPods .batch.v1.UncountedTerminatedPods op
9 ready int32 op

.batch.v1.JobTemplateSpec
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .batch.v1.JobSpec o

.batch.v1.PodFailurePolicy
1 rules .batch.v1.PodFailurePolicyRule r

.batch.v1.PodFailurePolicyOnExitCodesRequirement
1 containerName string op
2 operator string
3 values int32 r

.batch.v1.PodFailurePolicyOnPodConditionsPattern
1 type string
2 status string

.batch.v1.PodFailurePolicyRule
1 action string
2 onExitCodes .batch.v1.PodFailurePolicyOnExitCodesRequirement op
3 onPodConditions .batch.v1.PodFailurePolicyOnPodConditionsPattern ro

.batch.v1.SuccessPolicy
1 rules .batch.v1.SuccessPolicyRule r

.batch.v1.SuccessPolicyRule
1 succeededIndexes string op
2 succeededCount int32 op

.batch.v1.UncountedTerminatedPods
1 succeeded string ro
2 failed string ro

.batch.v1beta1.CronJob
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .batch.v1beta1.CronJobSpec o
3 status .batch.v1beta1.CronJobStatus o

.batch.v1beta1.CronJobList
1 metadata ~apis.meta.v1.ListMeta o
2 items .batch.v1beta1.CronJob r

.batch.v1beta1.CronJobSpec
1 schedule string
8 timeZone string op
2 startingDeadlineSeconds int64 op
3 concurrencyPolicy string o
4 suspend bool op
5 jobTemplate .batch.v1beta1.JobTemplateSpec
6 successfulJobsHistoryLimit int32 op
7 failedJobsHistoryLimit int32 op

.batch.v1beta1.CronJobStatus
1 active .core.v1.ObjectReference ro
4 lastScheduleTime ~apis.meta.v1.Time op
5 lastSuccessfulTime ~apis.meta.v1.Time op

.batch.v1beta1.JobTemplateSpec
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .batch.v1.JobSpec o

.certificates.v1.CertificateSigningRequest
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .certificates.v1.CertificateSigningRequestSpec
3 status .certificates.v1.CertificateSigningRequestStatus o

.certificates.v1.CertificateSigningRequestCondition
1 type string
6 status string
2 reason string o
3 message string o
4 lastUpdateTime ~apis.meta.v1.Time o
5 lastTransitionTime ~apis.meta.v1.Time o

.certificates.v1.CertificateSigningRequestList
1 metadata ~apis.meta.v1.ListMeta o
2 items .certificates.v1.CertificateSigningRequest r

.certificates.v1.CertificateSigningRequestSpec
1 request bytes
7 signerName string
8 expirationSeconds int32 op
5 usages string ro
2 username string o
3 uid string o
4 groups string ro
6 extra .certificates.v1.ExtraValue mo

.certificates.v1.CertificateSigningRequestStatus
1 conditions .certificates.v1.CertificateSigningRequestCondition ro
2 certificate bytes o

=.certificates.v1.ExtraValue
1 items string r

.certificates.v1alpha1.ClusterTrustBundle
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .certificates.v1alpha1.ClusterTrustBundleSpec

.certificates.v1alpha1.ClusterTrustBundleList
1 metadata ~apis.meta.v1.ListMeta o
2 items .certificates.v1alpha1.ClusterTrustBundle r

.certificates.v1alpha1.ClusterTrustBundleSpec
1 signerName string o
2 trustBundle string

.certificates.v1beta1.CertificateSigningRequest
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .certificates.v1beta1.CertificateSigningRequestSpec
3 status .certificates.v1beta1.CertificateSigningRequestStatus o

.certificates.v1beta1.CertificateSigningRequestCondition
1 type string
6 status string
2 reason string o
3 message string o
4 lastUpdateTime ~apis.meta.v1.Time o
5 lastTransitionTime ~apis.meta.v1.Time o

.certificates.v1beta1.CertificateSigningRequestList
1 metadata ~apis.meta.v1.ListMeta o
2 items .certificates.v1beta1.CertificateSigningRequest r

.certificates.v1beta1.CertificateSigningRequestSpec
1 request bytes
7 signerName string op
8 expirationSeconds int32 op
5 usages string ro
2 username string o
3 uid string o
4 groups string ro
6 extra .certificates.v1beta1.ExtraValue mo

.certificates.v1beta1.CertificateSigningRequestStatus
1 conditions .certificates.v1beta1.CertificateSigningRequestCondition ro
2 certificate bytes o

=.certificates.v1beta1.ExtraValue
1 items string r

.coordination.v1.Lease
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .coordination.v1.LeaseSpec o

.coordination.v1.LeaseList
1 metadata ~apis.meta.v1.ListMeta o
2 items .coordination.v1.Lease r

.coordination.v1.LeaseSpec
1 holderIdentity string op
2 leaseDurationSeconds int32 op
3 acquireTime ~apis.meta.v1.MicroTime op
4 renewTime ~apis.meta.v1.MicroTime op
5 leaseTransitions int32 op
6 strategy string op
7 preferredHolder string op

.coordination.v1alpha2.LeaseCandidate
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .coordination.v1alpha2.LeaseCandidateSpec o

.coordination.v1alpha2.LeaseCandidateList
1 metadata ~apis.meta.v1.ListMeta o
2 items .coordination.v1alpha2.LeaseCandidate r

.coordination.v1alpha2.LeaseCandidateSpec
1 leaseName string
2 pingTime ~apis.meta.v1.MicroTime op
3 renewTime ~apis.meta.v1.MicroTime op
4 binaryVersion string
5 emulationVersion string o
6 strategy string o

.coordination.v1beta1.Lease
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .coordination.v1beta1.LeaseSpec o

.coordination.v1beta1.LeaseList
1 metadata ~apis.meta.v1.ListMeta o
2 items .coordination.v1beta1.Lease r

.coordination.v1beta1.LeaseSpec
1 holderIdentity string op
2 leaseDurationSeconds int32 op
3 acquireTime ~apis.meta.v1.MicroTime op
4 renewTime ~apis.meta.v1.MicroTime op
5 leaseTransitions int32 op
6 strategy string op
7 preferredHolder string op

.core.v1.AWSElasticBlockStoreVolumeSource
1 volumeID string
2 fsType string o
3 partition int32 o
4 readOnly bool o

.core.v1.Affinity
1 nodeAffinity .core.v1.NodeAffinity op
2 podAffinity .core.v1.PodAffinity op
3 podAntiAffinity .core.v1.PodAntiAffinity op

.core.v1.AppArmorProfile
1 type string
2 localhostProfile string op

.core.v1.AttachedVolume
1 name string
2 devicePath string

.core.v1.AvoidPods
1 preferAvoidPods .core.v1.PreferAvoidPodsEntry ro

.core.v1.AzureDiskVolumeSource
1 diskName string
2 diskURI string
3 cachingMode string op
4 fsType string op
5 readOnly bool op
6 kind string op

.core.v1.AzureFilePersistentVolumeSource
1 secretName string
2 shareName string
3 readOnly bool o
4 secretNamespace string p

.core.v1.AzureFileVolumeSource
1 secretName string
2 shareName string
3 readOnly bool o

.core.v1.Binding
1 metadata ~apis.meta.v1.ObjectMeta o
2 target .core.v1.ObjectReference

.core.v1.CSIPersistentVolumeSource
1 driver string
2 volumeHandle string
3 readOnly bool o
4 fsType string o
5 volumeAttributes string mo
6 controllerPublishSecretRef .core.v1.SecretReference op
7 nodeStageSecretRef .core.v1.SecretReference op
8 nodePublishSecretRef .core.v1.SecretReference op
9 controllerExpandSecretRef .core.v1.SecretReference op
10 nodeExpandSecretRef .core.v1.SecretReference op

.core.v1.CSIVolumeSource
1 driver string
2 readOnly bool op
3 fsType string op
4 volumeAttributes string mo
5 nodePublishSecretRef .core.v1.LocalObjectReference op

.core.v1.Capabilities
1 add string ro
2 drop string ro

.core.v1.CephFSPersistentVolumeSource
1 monitors string r
2 path string o
3 user string o
4 secretFile string o
5 secretRef .core.v1.SecretReference op
6 readOnly bool o

.core.v1.CephFSVolumeSource
1 monitors string r
2 path string o
3 user string o
4 secretFile string o
5 secretRef .core.v1.LocalObjectReference op
6 readOnly bool o

.core.v1.CinderPersistentVolumeSource
1 volumeID string
2 fsType string o
3 readOnly bool o
4 secretRef .core.v1.SecretReference op

.core.v1.CinderVolumeSource
1 volumeID string
2 fsType string o
3 readOnly bool o
4 secretRef .core.v1.LocalObjectReference op

.core.v1.ClientIPConfig
1 timeoutSeconds int32 op

.core.v1.ClusterTrustBundleProjection
1 name string op
2 signerName string op
3 labelSelector ~apis.meta.v1.LabelSelector op
5 optional bool op
4 path string

.core.v1.ComponentCondition
1 type string
2 status string
3 message string o
4 error string o

.core.v1.ComponentStatus
1 metadata ~apis.meta.v1.ObjectMeta o
2 conditions .core.v1.ComponentCondition ro

.core.v1.ComponentStatusList
1 metadata ~apis.meta.v1.ListMeta o
2 items .core.v1.ComponentStatus r

.core.v1.ConfigMap
1 metadata ~apis.meta.v1.ObjectMeta o
4 immutable bool op
2 data string mo
3 binaryData bytes mo

.core.v1.ConfigMapEnvSource
1 localObjectReference .core.v1.LocalObjectReference i
2 optional bool op

.core.v1.ConfigMapKeySelector
1 localObjectReference .core.v1.LocalObjectReference i
2 key string
3 optional bool op

.core.v1.ConfigMapList
1 metadata ~apis.meta.v1.ListMeta o
2 items .core.v1.ConfigMap r

.core.v1.ConfigMapNodeConfigSource
1 namespace string
2 name string
3 uid string o
4 resourceVersion string o
5 kubeletConfigKey string

.core.v1.ConfigMapProjection
1 localObjectReference .core.v1.LocalObjectReference i
2 items .core.v1.KeyToPath ro
4 optional bool op

.core.v1.ConfigMapVolumeSource
1 localObjectReference .core.v1.LocalObjectReference i
2 items .core.v1.KeyToPath ro
3 defaultMode int32 op
4 optional bool op

.core.v1.Container
1 name string
2 image string o
3 command string ro
4 args string ro
5 workingDir string o
6 ports .core.v1.ContainerPort ro
19 envFrom .core.v1.EnvFromSource ro
7 env .core.v1.EnvVar ro
8 resources .core.v1.ResourceRequirements o
23 resizePolicy .core.v1.ContainerResizePolicy ro
24 restartPolicy string op
9 volumeMounts .core.v1.VolumeMount ro
21 volumeDevices .core.v1.VolumeDevice ro
10 livenessProbe .core.v1.Probe op
11 readinessProbe .core.v1.Probe op
22 startupProbe .core.v1.Probe op
12 lifecycle .core.v1.Lifecycle op
13 terminationMessagePath string o
20 terminationMessagePolicy string o
14 imagePullPolicy string o
15 securityContext .core.v1.SecurityContext op
16 stdin bool o
17 stdinOnce bool o
18 tty bool o

.core.v1.ContainerImage
1 names string r
2 sizeBytes int64 o

.core.v1.ContainerPort
1 name string o
2 hostPort int32 o
3 containerPort int32
4 protocol string o
5 hostIP string o

.core.v1.ContainerResizePolicy
1 resourceName string
2 restartPolicy string

.core.v1.ContainerState
1 waiting .core.v1.ContainerStateWaiting op
2 running .core.v1.ContainerStateRunning op
3 terminated .core.v1.ContainerStateTerminated op

.core.v1.ContainerStateRunning
1 startedAt ~apis.meta.v1.Time o

.core.v1.ContainerStateTerminated
1 exitCode int32
2 signal int32 o
3 reason string o
4 message string o
5 startedAt ~apis.meta.v1.Time o
6 finishedAt ~apis.meta.v1.Time o
7 containerID string o

.core.v1.ContainerStateWaiting
1 reason string o
2 message string o

.core.v1.ContainerStatus
1 name string
2 state .core.v1.ContainerState o
3 lastState .core.v1.ContainerState o
4 ready bool
5 restartCount int32
6 image string
7 imageID string
8 containerID string o
9 started bool op
10 allocatedResources ~api.resource.Quantity mo
11 resources .core.v1.ResourceRequirements op
12 volumeMounts .core.v1.VolumeMountStatus ro
13 user .core.v1.ContainerUser op
14 allocatedResourcesStatus .core.v1.ResourceStatus ro

.core.v1.ContainerUser
1 linux .core.v1.LinuxContainerUser op

.core.v1.DaemonEndpoint
1 Port int32

.core.v1.DownwardAPIProjection
1 items .core.v1.DownwardAPIVolumeFile ro

.core.v1.DownwardAPIVolumeFile
1 path string
2 fieldRef .core.v1.ObjectFieldSelector op
3 resourceFieldRef .core.v1.ResourceFieldSelector op
4 mode int32 op

.core.v1.DownwardAPIVolumeSource
1 items .core.v1.DownwardAPIVolumeFile ro
2 defaultMode int32 op

.core.v1.EmptyDirVolumeSource
1 medium string o
2 sizeLimit ~api.resource.Quantity op

.core.v1.EndpointAddress
1 ip string
3 hostname string o
4 nodeName string op
2 targetRef .core.v1.ObjectReference op

.core.v1.EndpointPort
1 name string o
2 port int32
3 protocol string o
4 appProtocol string op

.core.v1.EndpointSubset
1 addresses .core.v1.EndpointAddress ro
2 notReadyAddresses .core.v1.EndpointAddress ro
3 ports .core.v1.EndpointPort ro

.core.v1.Endpoints
1 metadata ~apis.meta.v1.ObjectMeta o
2 subsets .core.v1.EndpointSubset ro

.core.v1.EndpointsList
1 metadata ~apis.meta.v1.ListMeta o
2 items .core.v1.Endpoints r

.core.v1.EnvFromSource
1 prefix string o
2 configMapRef .core.v1.ConfigMapEnvSource op
3 secretRef .core.v1.SecretEnvSource op

.core.v1.EnvVar
1 name string
2 value string o
3 valueFrom .core.v1.EnvVarSource op

.core.v1.EnvVarSource
1 fieldRef .core.v1.ObjectFieldSelector op
2 resourceFieldRef .core.v1.ResourceFieldSelector op
3 configMapKeyRef .core.v1.ConfigMapKeySelector op
4 secretKeyRef .core.v1.SecretKeySelector op

.core.v1.EphemeralContainer
1 ephemeralContainerCommon .core.v1.EphemeralContainerCommon i
2 targetContainerName string o

.core.v1.EphemeralContainerCommon
1 name string
2 image string o
3 command string ro
4 args string ro
5 workingDir string o
6 ports .core.v1.ContainerPort ro
19 envFrom .core.v1.EnvFromSource ro
7 env .core.v1.EnvVar ro
8 resources .core.v1.ResourceRequirements o
23 resizePolicy .core.v1.ContainerResizePolicy ro
24 restartPolicy string op
9 volumeMounts .core.v1.VolumeMount ro
21 volumeDevices .core.v1.VolumeDevice ro
10 livenessProbe .core.v1.Probe op
11 readinessProbe .core.v1.Probe op
22 startupProbe .core.v1.Probe op
12 lifecycle .core.v1.Lifecycle op
13 terminationMessagePath string o
20 terminationMessagePolicy string o
14 imagePullPolicy string o
15 securityContext .core.v1.SecurityContext op
16 stdin bool o
17 stdinOnce bool o
18 tty bool o

.core.v1.EphemeralVolumeSource
1 volumeClaimTemplate .core.v1.PersistentVolumeClaimTemplate op

.core.v1.Event
1 metadata ~apis.meta.v1.ObjectMeta
2 involvedObject .core.v1.ObjectReference
3 reason string o
4 message string o
5 source .core.v1.EventSource o
6 firstTimestamp ~apis.meta.v1.Time o
7 lastTimestamp ~apis.meta.v1.Time o
8 count int32 o
9 type string o
10 eventTime ~apis.meta.v1.MicroTime o
11 series .core.v1.EventSeries op
12 action string o
13 related .core.v1.ObjectReference op
14 reportingComponent string
15 reportingInstance string

.core.v1.EventList
1 metadata ~apis.meta.v1.ListMeta o
2 items .core.v1.Event r

.core.v1.EventSeries
1 count int32 o
2 lastObservedTime ~apis.meta.v1.MicroTime o

.core.v1.EventSource
1 component string o
2 host string o

.core.v1.ExecAction
1 command string ro

.core.v1.FCVolumeSource
1 targetWWNs string ro
2 lun int32 op
3 fsType string o
4 readOnly bool o
5 wwids string ro

.core.v1.FlexPersistentVolumeSource
1 driver string
2 fsType string o
3 secretRef .core.v1.SecretReference op
4 readOnly bool o
5 options string mo

.core.v1.FlexVolumeSource
1 driver string
2 fsType string o
3 secretRef .core.v1.LocalObjectReference op
4 readOnly bool o
5 options string mo

.core.v1.FlockerVolumeSource
1 datasetName string o
2 datasetUUID string o

.core.v1.GCEPersistentDiskVolumeSource
1 pdName string
2 fsType string o
3 partition int32 o
4 readOnly bool o

.core.v1.GRPCAction
1 port int32
2 service string p

.core.v1.GitRepoVolumeSource
1 repository string
2 revision string o
3 directory string o

.core.v1.GlusterfsPersistentVolumeSource
1 endpoints string
2 path string
3 readOnly bool o
4 endpointsNamespace string op

.core.v1.GlusterfsVolumeSource
1 endpoints string
2 path string
3 readOnly bool o

.core.v1.HTTPGetAction
1 path string o
2 port ~util.intstr.IntOrString
3 host string o
4 scheme string o
5 httpHeaders .core.v1.HTTPHeader ro

.core.v1.HTTPHeader
1 name string
2 value string

.core.v1.HostAlias
1 ip string
2 hostnames string ro

.core.v1.HostIP
1 ip string

.core.v1.HostPathVolumeSource
1 path string
2 type string op

.core.v1.ISCSIPersistentVolumeSource
1 targetPortal string
2 iqn string
3 lun int32
4 iscsiInterface string o
5 fsType string o
6 readOnly bool o
7 portals string ro
8 chapAuthDiscovery bool o
11 chapAuthSession bool o
10 secretRef .core.v1.SecretReference op
12 initiatorName string op

.core.v1.ISCSIVolumeSource
1 targetPortal string
2 iqn string
3 lun int32
4 iscsiInterface string o
5 fsType string o
6 readOnly bool o
7 portals string ro
8 chapAuthDiscovery bool o
11 chapAuthSession bool o
10 secretRef .core.v1.LocalObjectReference op
12 initiatorName string op

.core.v1.ImageVolumeSource
1 reference string o
2 pullPolicy string o

.core.v1.KeyToPath
1 key string
2 path string
3 mode int32 op

.core.v1.Lifecycle
1 postStart .core.v1.LifecycleHandler op
2 preStop .core.v1.LifecycleHandler op

.core.v1.LifecycleHandler
1 exec .core.v1.ExecAction op
2 httpGet .core.v1.HTTPGetAction op
3 tcpSocket .core.v1.TCPSocketAction op
4 sleep .core.v1.SleepAction op

.core.v1.LimitRange
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .core.v1.LimitRangeSpec o

.core.v1.LimitRangeItem
1 type string
2 max ~api.resource.Quantity mo
3 min ~api.resource.Quantity mo
4 default ~api.resource.Quantity mo
5 defaultRequest ~api.resource.Quantity mo
6 maxLimitRequestRatio ~api.resource.Quantity mo

.core.v1.LimitRangeList
1 metadata ~apis.meta.v1.ListMeta o
2 items .core.v1.LimitRange r

.core.v1.LimitRangeSpec
1 limits .core.v1.LimitRangeItem r

.core.v1.LinuxContainerUser
1 uid int64
2 gid int64
3 supplementalGroups int64 ro

.core.v1.List
1 metadata ~apis.meta.v1.ListMeta
2 items ~runtime.RawExtension r

.core.v1.LoadBalancerIngress
1 ip string o
2 hostname string o
3 ipMode string op
4 ports .core.v1.PortStatus ro

.core.v1.LoadBalancerStatus
1 ingress .core.v1.LoadBalancerIngress ro

.core.v1.LocalObjectReference
1 name string o

.core.v1.LocalVolumeSource
1 path string
2 fsType string op

.core.v1.ModifyVolumeStatus
1 targetVolumeAttributesClassName string o
2 status string

.core.v1.NFSVolumeSource
1 server string
2 path string
3 readOnly bool o

.core.v1.Namespace
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .core.v1.NamespaceSpec o
3 status .core.v1.NamespaceStatus o

.core.v1.NamespaceCondition
1 type string
2 status string
4 lastTransitionTime ~apis.meta.v1.Time o
5 reason string o
6 message string o

.core.v1.NamespaceList
1 metadata ~apis.meta.v1.ListMeta o
2 items .core.v1.Namespace r

.core.v1.NamespaceSpec
1 finalizers string ro

.core.v1.NamespaceStatus
1 phase string o
2 conditions .core.v1.NamespaceCondition ro

.core.v1.Node
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .core.v1.NodeSpec o
3 status .core.v1.NodeStatus o

.core.v1.NodeAddress
1 type string
2 address string

.core.v1.NodeAffinity
1 requiredDuringSchedulingIgnoredDuringExecution .core.v1.NodeSelector op
2 preferredDuringSchedulingIgnoredDuringExecution .core.v1.PreferredSchedulingTerm ro

.core.v1.NodeCondition
1 type string
2 status string
3 lastHeartbeatTime ~apis.meta.v1.Time o
4 lastTransitionTime ~apis.meta.v1.Time o
5 reason string o
6 message string o

.core.v1.NodeConfigSource
2 configMap .core.v1.ConfigMapNodeConfigSource op

.core.v1.NodeConfigStatus
1 assigned .core.v1.NodeConfigSource op
2 active .core.v1.NodeConfigSource op
3 lastKnownGood .core.v1.NodeConfigSource op
4 error string o

.core.v1.NodeDaemonEndpoints
1 kubeletEndpoint .core.v1.DaemonEndpoint o

.core.v1.NodeFeatures
1 supplementalGroupsPolicy bool op

.core.v1.NodeList
1 metadata ~apis.meta.v1.ListMeta o
2 items .core.v1.Node r

.core.v1.NodeProxyOptions
1 path string o

.core.v1.NodeRuntimeHandler
1 name string
2 features .core.v1.NodeRuntimeHandlerFeatures op

.core.v1.NodeRuntimeHandlerFeatures
1 recursiveReadOnlyMounts bool op
2 userNamespaces bool op

.core.v1.NodeSelector
1 nodeSelectorTerms .core.v1.NodeSelectorTerm r

.core.v1.NodeSelectorRequirement
1 key string
2 operator string
3 values string ro

.core.v1.NodeSelectorTerm
1 matchExpressions .core.v1.NodeSelectorRequirement ro
2 matchFields .core.v1.NodeSelectorRequirement ro

.core.v1.NodeSpec
1 podCIDR string o
7 podCIDRs string ro
3 providerID string o
4 unschedulable bool o
5 taints .core.v1.Taint ro
6 configSource .core.v1.NodeConfigSource op
2 externalID string o

.core.v1.NodeStatus
1 capacity ~api.resource.Quantity mo
2 allocatable ~api.resource.Quantity mo
3 phase string o
4 conditions .core.v1.NodeCondition ro
5 addresses .core.v1.NodeAddress ro
6 daemonEndpoints .core.v1.NodeDaemonEndpoints o
7 nodeInfo .core.v1.NodeSystemInfo o
8 images .core.v1.ContainerImage ro
9 volumesInUse string ro
10 volumesAttached .core.v1.AttachedVolume ro
11 config .core.v1.NodeConfigStatus op
12 runtimeHandlers .core.v1.NodeRuntimeHandler ro
13 features .core.v1.NodeFeatures op

.core.v1.NodeSystemInfo
1 machineID string
2 systemUUID string
3 bootID string
4 kernelVersion string
5 osImage string
6 containerRuntimeVersion string
7 kubeletVersion string
8 kubeProxyVersion string
9 operatingSystem string
10 architecture string

.core.v1.ObjectFieldSelector
1 apiVersion string o
2 fieldPath string

.core.v1.ObjectReference
1 kind string o
2 namespace string o
3 name string o
4 uid string o
5 apiVersion string o
6 resourceVersion string o
7 fieldPath string o

.core.v1.PersistentVolume
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .core.v1.PersistentVolumeSpec o
3 status .core.v1.PersistentVolumeStatus o

.core.v1.PersistentVolumeClaim
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .core.v1.PersistentVolumeClaimSpec o
3 status .core.v1.PersistentVolumeClaimStatus o

.core.v1.PersistentVolumeClaimCondition
1 type string
2 status string
3 lastProbeTime ~apis.meta.v1.Time o
4 lastTransitionTime ~apis.meta.v1.Time o
5 reason string o
6 message string o

.core.v1.PersistentVolumeClaimList
1 metadata ~apis.meta.v1.ListMeta o
2 items .core.v1.PersistentVolumeClaim r

.core.v1.PersistentVolumeClaimSpec
1 accessModes string ro
4 selector ~apis.meta.v1.LabelSelector op
2 resources .core.v1.VolumeResourceRequirements o
3 volumeName string o
5 storageClassName string op
6 volumeMode string op
7 dataSource .core.v1.TypedLocalObjectReference op
8 dataSourceRef .core.v1.TypedObjectReference op
9 volumeAttributesClassName string op

.core.v1.PersistentVolumeClaimStatus
1 phase string o
2 accessModes string ro
3 capacity ~api.resource.Quantity mo
4 conditions .core.v1.PersistentVolumeClaimCondition ro
5 allocatedResources ~api.resource.Quantity mo
7 allocatedResourceStatuses string mo
8 currentVolumeAttributesClassName string op
9 modifyVolumeStatus .core.v1.ModifyVolumeStatus op

.core.v1.PersistentVolumeClaimTemplate
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .core.v1.PersistentVolumeClaimSpec

.core.v1.PersistentVolumeClaimVolumeSource
1 claimName string
2 readOnly bool o

.core.v1.PersistentVolumeList
1 metadata ~apis.meta.v1.ListMeta o
2 items .core.v1.PersistentVolume r

.core.v1.PersistentVolumeSource
1 gcePersistentDisk .core.v1.GCEPersistentDiskVolumeSource op
2 awsElasticBlockStore .core.v1.AWSElasticBlockStoreVolumeSource op
3 hostPath .core.v1.HostPathVolumeSource op
4 glusterfs .core.v1.GlusterfsPersistentVolumeSource op
5 nfs .core.v1.NFSVolumeSource op
6 rbd .core.v1.RBDPersistentVolumeSource op
7 iscsi .core.v1.ISCSIPersistentVolumeSource op
8 cinder .core.v1.CinderPersistentVolumeSource op
9 cephfs .core.v1.CephFSPersistentVolumeSource op
10 fc .core.v1.FCVolumeSource op
11 flocker .core.v1.FlockerVolumeSource op
12 flexVolume .core.v1.FlexPersistentVolumeSource op
13 azureFile .core.v1.AzureFilePersistentVolumeSource op
14 vsphereVolume .core.v1.VsphereVirtualDiskVolumeSource op
15 quobyte .core.v1.QuobyteVolumeSource op
16 azureDisk .core.v1.AzureDiskVolumeSource op
17 photonPersistentDisk .core.v1.PhotonPersistentDiskVolumeSource op
18 portworxVolume .core.v1.PortworxVolumeSource op
19 scaleIO .core.v1.ScaleIOPersistentVolumeSource op
20 local .core.v1.LocalVolumeSource op
21 storageos .core.v1.StorageOSPersistentVolumeSource op
22 csi .core.v1.CSIPersistentVolumeSource op

.core.v1.PersistentVolumeSpec
1 capacity ~api.resource.Quantity mo
2 persistentVolumeSource .core.v1.PersistentVolumeSource i
3 accessModes string ro
4 claimRef .core.v1.ObjectReference op
5 persistentVolumeReclaimPolicy string o
6 storageClassName string o
7 mountOptions string ro
8 volumeMode string op
9 nodeAffinity .core.v1.VolumeNodeAffinity op
10 volumeAttributesClassName string op

.core.v1.PersistentVolumeStatus
1 phase string o
2 message string o
3 reason string o
4 lastPhaseTransitionTime ~apis.meta.v1.Time op

.core.v1.PhotonPersistentDiskVolumeSource
1 pdID string
2 fsType string o

.core.v1.Pod
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .core.v1.PodSpec o
3 status .core.v1.PodStatus o

.core.v1.PodAffinity
1 requiredDuringSchedulingIgnoredDuringExecution .core.v1.PodAffinityTerm ro
2 preferredDuringSchedulingIgnoredDuringExecution .core.v1.WeightedPodAffinityTerm ro

.core.v1.PodAffinityTerm
1 labelSelector ~apis.meta.v1.LabelSelector op
2 namespaces string ro
3 topologyKey string
4 namespaceSelector ~apis.meta.v1.LabelSelector op
5 matchLabelKeys string ro
6 mismatchLabelKeys string ro

.core.v1.PodAntiAffinity
1 requiredDuringSchedulingIgnoredDuringExecution .core.v1.PodAffinityTerm ro
2 preferredDuringSchedulingIgnoredDuringExecution .core.v1.WeightedPodAffinityTerm ro

.core.v1.PodAttachOptions
1 stdin bool o
2 stdout bool o
3 stderr bool o
4 tty bool o
5 container string o

.core.v1.PodCondition
1 type string
2 status string
3 lastProbeTime ~apis.meta.v1.Time o
4 lastTransitionTime ~apis.meta.v1.Time o
5 reason string o
6 message string o

.core.v1.PodDNSConfig
1 nameservers string ro
2 searches string ro
3 options .core.v1.PodDNSConfigOption ro

.core.v1.PodDNSConfigOption
1 name string o
2 value string op

.core.v1.PodExecOptions
1 stdin bool o
2 stdout bool o
3 stderr bool o
4 tty bool o
5 container string o
6 command string r

.core.v1.PodIP
1 ip string

.core.v1.PodList
1 metadata ~apis.meta.v1.ListMeta o
2 items .core.v1.Pod r

.core.v1.PodLogOptions
1 container string o
2 follow bool o
3 previous bool o
4 sinceSeconds int64 op
5 sinceTime ~apis.meta.v1.Time op
6 timestamps bool o
7 tailLines int64 op
8 limitBytes int64 op
9 insecureSkipTLSVerifyBackend bool o
10 stream string op

.core.v1.PodOS
1 name string

.core.v1.PodPortForwardOptions
1 ports int32 ro

.core.v1.PodProxyOptions
1 path string o

.core.v1.PodReadinessGate
1 conditionType string

.core.v1.PodResourceClaim
1 name string
3 resourceClaimName string op
4 resourceClaimTemplateName string op

.core.v1.PodResourceClaimStatus
1 name string
2 resourceClaimName string op

.core.v1.PodSchedulingGate
1 name string

.core.v1.PodSecurityContext
1 seLinuxOptions .core.v1.SELinuxOptions op
8 windowsOptions .core.v1.WindowsSecurityContextOptions op
2 runAsUser int64 op
6 runAsGroup int64 op
3 runAsNonRoot bool op
4 supplementalGroups int64 ro
12 supplementalGroupsPolicy string op
5 fsGroup int64 op
7 sysctls .core.v1.Sysctl ro
9 fsGroupChangePolicy string op
10 seccompProfile .core.v1.SeccompProfile op
11 appArmorProfile .core.v1.AppArmorProfile op
13 seLinuxChangePolicy string op

.core.v1.PodSignature
1 podController ~apis.meta.v1.OwnerReference op

.core.v1.PodSpec
1 volumes .core.v1.Volume ro
20 initContainers .core.v1.Container ro
2 containers .core.v1.Container r
34 ephemeralContainers .core.v1.EphemeralContainer ro
3 restartPolicy string o
4 terminationGracePeriodSeconds int64 op
5 activeDeadlineSeconds int64 op
6 dnsPolicy string o
7 nodeSelector string mo
8 serviceAccountName string o
9 serviceAccount string o
21 automountServiceAccountToken bool op
10 nodeName string o
11 hostNetwork bool o
12 hostPID bool o
13 hostIPC bool o
27 shareProcessNamespace bool op
14 securityContext .core.v1.PodSecurityContext op
15 imagePullSecrets .core.v1.LocalObjectReference ro
16 hostname string o
17 subdomain string o
18 affinity .core.v1.Affinity op
19 schedulerName string o
22 tolerations .core.v1.Toleration ro
23 hostAliases .core.v1.HostAlias ro
24 priorityClassName string o
25 priority int32 op
26 dnsConfig .core.v1.PodDNSConfig op
28 readinessGates .core.v1.PodReadinessGate ro
29 runtimeClassName string op
30 enableServiceLinks bool op
31 preemptionPolicy string op
32 overhead ~api.resource.Quantity mo
33 topologySpreadConstraints .core.v1.TopologySpreadConstraint ro
35 setHostnameAsFQDN bool op
36 os .core.v1.PodOS op
37 hostUsers bool op
38 schedulingGates .core.v1.PodSchedulingGate ro
39 resourceClaims .core.v1.PodResourceClaim ro
40 resources .core.v1.ResourceRequirements op

.core.v1.PodStatus
1 phase string o
2 conditions .core.v1.PodCondition ro
3 message string o
4 reason string o
11 nominatedNodeName string o
5 hostIP string o
16 hostIPs .core.v1.HostIP ro
6 podIP string o
12 podIPs .core.v1.PodIP ro
7 startTime ~apis.meta.v1.Time op
10 initContainerStatuses .core.v1.ContainerStatus ro
8 containerStatuses .core.v1.ContainerStatus ro
9 qosClass string o
13 ephemeralContainerStatuses .core.v1.ContainerStatus ro
14 resize string o
15 resourceClaimStatuses .core.v1.PodResourceClaimStatus ro

.core.v1.PodStatusResult
1 metadata ~apis.meta.v1.ObjectMeta o
2 status .core.v1.PodStatus o

.core.v1.PodTemplate
1 metadata ~apis.meta.v1.ObjectMeta o
2 template .core.v1.PodTemplateSpec o

.core.v1.PodTemplateList
1 metadata ~apis.meta.v1.ListMeta o
2 items .core.v1.PodTemplate r

.core.v1.PodTemplateSpec
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .core.v1.PodSpec o

.core.v1.PortStatus
1 port int32
2 protocol string
3 error string op

.core.v1.PortworxVolumeSource
1 volumeID string
2 fsType string o
3 readOnly bool o

.core.v1.Preconditions
1 uid string op

.core.v1.PreferAvoidPodsEntry
1 podSignature .core.v1.PodSignature
2 evictionTime ~apis.meta.v1.Time o
3 reason string o
4 message string o

.core.v1.PreferredSchedulingTerm
1 weight int32
2 preference .core.v1.NodeSelectorTerm

.core.v1.Probe
1 handler .core.v1.ProbeHandler i
2 initialDelaySeconds int32 o
3 timeoutSeconds int32 o
4 periodSeconds int32 o
5 successThreshold int32 o
6 failureThreshold int32 o
7 terminationGracePeriodSeconds int64 op

.core.v1.ProbeHandler
1 exec .core.v1.ExecAction op
2 httpGet .core.v1.HTTPGetAction op
3 tcpSocket .core.v1.TCPSocketAction op
4 grpc .core.v1.GRPCAction op

.core.v1.ProjectedVolumeSource
1 sources .core.v1.VolumeProjection r
2 defaultMode int32 op

.core.v1.QuobyteVolumeSource
1 registry string
2 volume string
3 readOnly bool o
4 user string o
5 group string o
6 tenant string o

.core.v1.RBDPersistentVolumeSource
1 monitors string r
2 image string
3 fsType string o
4 pool string o
5 user string o
6 keyring string o
7 secretRef .core.v1.SecretReference op
8 readOnly bool o

.core.v1.RBDVolumeSource
1 monitors string r
2 image string
3 fsType string o
4 pool string o
5 user string o
6 keyring string o
7 secretRef .core.v1.LocalObjectReference op
8 readOnly bool o

.core.v1.RangeAllocation
1 metadata ~apis.meta.v1.ObjectMeta o
2 range string
3 data bytes

.core.v1.ReplicationController
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .core.v1.ReplicationControllerSpec o
3 status .core.v1.ReplicationControllerStatus o

.core.v1.ReplicationControllerCondition
1 type string
2 status string
3 lastTransitionTime ~apis.meta.v1.Time o
4 reason string o
5 message string o

.core.v1.ReplicationControllerList
1 metadata ~apis.meta.v1.ListMeta o
2 items .core.v1.ReplicationController r

.core.v1.ReplicationControllerSpec
1 replicas int32 op
4 minReadySeconds int32 o
2 selector string mo
3 template .core.v1.PodTemplateSpec op

.core.v1.ReplicationControllerStatus
1 replicas int32
2 fullyLabeledReplicas int32 o
4 readyReplicas int32 o
5 availableReplicas int32 o
3 observedGeneration int64 o
6 conditions .core.v1.ReplicationControllerCondition ro

.core.v1.ResourceClaim
1 name string
2 request string o

.core.v1.ResourceFieldSelector
1 containerName string o
2 resource string
3 divisor ~api.resource.Quantity o

.core.v1.ResourceHealth
1 resourceID string
2 health string o

.core.v1.ResourceQuota
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .core.v1.ResourceQuotaSpec o
3 status .core.v1.ResourceQuotaStatus o

.core.v1.ResourceQuotaList
1 metadata ~apis.meta.v1.ListMeta o
2 items .core.v1.ResourceQuota r

.core.v1.ResourceQuotaSpec
1 hard ~api.resource.Quantity mo
2 scopes string ro
3 scopeSelector .core.v1.ScopeSelector op

.core.v1.ResourceQuotaStatus
1 hard ~api.resource.Quantity mo
2 used ~api.resource.Quantity mo

.core.v1.ResourceRequirements
1 limits ~api.resource.Quantity mo
2 requests ~api.resource.Quantity mo
3 claims .core.v1.ResourceClaim ro

.core.v1.ResourceStatus
1 name string
2 resources .core.v1.ResourceHealth ro

.core.v1.SELinuxOptions
1 user string o
2 role string o
3 type string o
4 level string o

.core.v1.ScaleIOPersistentVolumeSource
1 gateway string
2 system string
3 secretRef .core.v1.SecretReference p
4 sslEnabled bool o
5 protectionDomain string o
6 storagePool string o
7 storageMode string o
8 volumeName string o
9 fsType string o
10 readOnly bool o

.core.v1.ScaleIOVolumeSource
1 gateway string
2 system string
3 secretRef .core.v1.LocalObjectReference p
4 sslEnabled bool o
5 protectionDomain string o
6 storagePool string o
7 storageMode string o
8 volumeName string o
9 fsType string o
10 readOnly bool o

.core.v1.ScopeSelector
1 matchExpressions .core.v1.ScopedResourceSelectorRequirement ro

.core.v1.ScopedResourceSelectorRequirement
1 scopeName string
2 operator string
3 values string ro

.core.v1.SeccompProfile
1 type string
2 localhostProfile string op

.core.v1.Secret
1 metadata ~apis.meta.v1.ObjectMeta o
5 immutable bool op
2 data bytes mo
4 stringData string mo
3 type string o

.core.v1.SecretEnvSource
1 localObjectReference .core.v1.LocalObjectReference i
2 optional bool op

.core.v1.SecretKeySelector
1 localObjectReference .core.v1.LocalObjectReference i
2 key string
3 optional bool op

.core.v1.SecretList
1 metadata ~apis.meta.v1.ListMeta o
2 items .core.v1.Secret r

.core.v1.SecretProjection
1 localObjectReference .core.v1.LocalObjectReference i
2 items .core.v1.KeyToPath ro
4 optional bool op

.core.v1.SecretReference
1 name string o
2 namespace string o

.core.v1.SecretVolumeSource
1 secretName string o
2 items .core.v1.KeyToPath ro
3 defaultMode int32 op
4 optional bool op

.core.v1.SecurityContext
1 capabilities .core.v1.Capabilities op
2 privileged bool op
3 seLinuxOptions .core.v1.SELinuxOptions op
10 windowsOptions .core.v1.WindowsSecurityContextOptions op
4 runAsUser int64 op
8 runAsGroup int64 op
5 runAsNonRoot bool op
6 readOnlyRootFilesystem bool op
7 allowPrivilegeEscalation bool op
9 procMount string op
11 seccompProfile .core.v1.SeccompProfile op
12 appArmorProfile .core.v1.AppArmorProfile op

.core.v1.SerializedReference
1 reference .core.v1.ObjectReference o

.core.v1.Service
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .core.v1.ServiceSpec o
3 status .core.v1.ServiceStatus o

.core.v1.ServiceAccount
1 metadata ~apis.meta.v1.ObjectMeta o
2 secrets .core.v1.ObjectReference ro
3 imagePullSecrets .core.v1.LocalObjectReference ro
4 automountServiceAccountToken bool op

.core.v1.ServiceAccountList
1 metadata ~apis.meta.v1.ListMeta o
2 items .core.v1.ServiceAccount r

.core.v1.ServiceAccountTokenProjection
1 audience string o
2 expirationSeconds int64 op
3 path string

.core.v1.ServiceList
1 metadata ~apis.meta.v1.ListMeta o
2 items .core.v1.Service r

.core.v1.ServicePort
1 name string o
2 protocol string o
6 appProtocol string op
3 port int32
4 targetPort ~util.intstr.IntOrString o
5 nodePort int32 o

.core.v1.ServiceProxyOptions
1 path string o

.core.v1.ServiceSpec
1 ports .core.v1.ServicePort ro
2 selector string mo
3 clusterIP string o
18 clusterIPs string ro
4 type string o
5 externalIPs string ro
7 sessionAffinity string o
8 loadBalancerIP string o
9 loadBalancerSourceRanges string ro
10 externalName string o
11 externalTrafficPolicy string o
12 healthCheckNodePort int32 o
13 publishNotReadyAddresses bool o
14 sessionAffinityConfig .core.v1.SessionAffinityConfig op
19 ipFamilies string ro
17 ipFamilyPolicy string op
20 allocateLoadBalancerNodePorts bool op
21 loadBalancerClass string op
22 internalTrafficPolicy string op
23 trafficDistribution string op

.core.v1.ServiceStatus
1 loadBalancer .core.v1.LoadBalancerStatus o
2 conditions ~apis.meta.v1.Condition ro

.core.v1.SessionAffinityConfig
1 clientIP .core.v1.ClientIPConfig op

.core.v1.SleepAction
1 seconds int64

.core.v1.StorageOSPersistentVolumeSource
1 volumeName string o
2 volumeNamespace string o
3 fsType string o
4 readOnly bool o
5 secretRef .core.v1.ObjectReference op

.core.v1.StorageOSVolumeSource
1 volumeName string o
2 volumeNamespace string o
3 fsType string o
4 readOnly bool o
5 secretRef .core.v1.LocalObjectReference op

.core.v1.Sysctl
1 name string
2 value string

.core.v1.TCPSocketAction
1 port ~util.intstr.IntOrString
2 host string o

.core.v1.Taint
1 key string
2 value string o
3 effect string
4 timeAdded ~apis.meta.v1.Time op

.core.v1.Toleration
1 key string o
2 operator string o
3 value string o
4 effect string o
5 tolerationSeconds int64 op

.core.v1.TopologySelectorLabelRequirement
1 key string
2 values string r

.core.v1.TopologySelectorTerm
1 matchLabelExpressions .core.v1.TopologySelectorLabelRequirement ro

.core.v1.TopologySpreadConstraint
1 maxSkew int32
2 topologyKey string
3 whenUnsatisfiable string
4 labelSelector ~apis.meta.v1.LabelSelector op
5 minDomains int32 op
6 nodeAffinityPolicy string op
7 nodeTaintsPolicy string op
8 matchLabelKeys string ro

.core.v1.TypedLocalObjectReference
1 apiGroup string p
2 kind string
3 name string

.core.v1.TypedObjectReference
1 apiGroup string p
2 kind string
3 name string
4 namespace string op

.core.v1.Volume
1 name string
2 volumeSource .core.v1.VolumeSource i

.core.v1.VolumeDevice
1 name string
2 devicePath string

.core.v1.VolumeMount
1 name string
2 readOnly bool o
7 recursiveReadOnly string op
3 mountPath string
4 subPath string o
5 mountPropagation string op
6 subPathExpr string o

.core.v1.VolumeMountStatus
1 name string
2 mountPath string
3 readOnly bool o
4 recursiveReadOnly string op

.core.v1.VolumeNodeAffinity
1 required .core.v1.NodeSelector op

.core.v1.VolumeProjection
1 secret .core.v1.SecretProjection op
2 downwardAPI .core.v1.DownwardAPIProjection op
3 configMap .core.v1.ConfigMapProjection op
4 serviceAccountToken .core.v1.ServiceAccountTokenProjection op
5 clusterTrustBundle .core.v1.ClusterTrustBundleProjection op

.core.v1.VolumeResourceRequirements
1 limits ~api.resource.Quantity mo
2 requests ~api.resource.Quantity mo

.core.v1.VolumeSource
1 hostPath .core.v1.HostPathVolumeSource op
2 emptyDir .core.v1.EmptyDirVolumeSource op
3 gcePersistentDisk .core.v1.GCEPersistentDiskVolumeSource op
4 awsElasticBlockStore .core.v1.AWSElasticBlockStoreVolumeSource op
5 gitRepo .core.v1.GitRepoVolumeSource op
6 secret .core.v1.SecretVolumeSource op
7 nfs .core.v1.NFSVolumeSource op
8 iscsi .core.v1.ISCSIVolumeSource op
9 glusterfs .core.v1.GlusterfsVolumeSource op
10 persistentVolumeClaim .core.v1.PersistentVolumeClaimVolumeSource op
11 rbd .core.v1.RBDVolumeSource op
12 flexVolume .core.v1.FlexVolumeSource op
13 cinder .core.v1.CinderVolumeSource op
14 cephfs .core.v1.CephFSVolumeSource op
15 flocker .core.v1.FlockerVolumeSource op
16 downwardAPI .core.v1.DownwardAPIVolumeSource op
17 fc .core.v1.FCVolumeSource op
18 azureFile .core.v1.AzureFileVolumeSource op
19 configMap .core.v1.ConfigMapVolumeSource op
20 vsphereVolume .core.v1.VsphereVirtualDiskVolumeSource op
21 quobyte .core.v1.QuobyteVolumeSource op
22 azureDisk .core.v1.AzureDiskVolumeSource op
23 photonPersistentDisk .core.v1.PhotonPersistentDiskVolumeSource op
26 projected .core.v1.ProjectedVolumeSource op
24 portworxVolume .core.v1.PortworxVolumeSource op
25 scaleIO .core.v1.ScaleIOVolumeSource op
27 storageos .core.v1.StorageOSVolumeSource op
28 csi .core.v1.CSIVolumeSource op
29 ephemeral .core.v1.EphemeralVolumeSource op
30 image .core.v1.ImageVolumeSource op

.core.v1.VsphereVirtualDiskVolumeSource
1 volumePath string
2 fsType string o
3 storagePolicyName string o
4 storagePolicyID string o

.core.v1.WeightedPodAffinityTerm
1 weight int32
2 podAffinityTerm .core.v1.PodAffinityTerm

.core.v1.WindowsSecurityContextOptions
1 gmsaCredentialSpecName string op
2 gmsaCredentialSpec string op
3 runAsUserName string op
4 hostProcess bool op

.discovery.v1.Endpoint
1 addresses string r
2 conditions .discovery.v1.EndpointConditions o
3 hostname string op
4 targetRef .core.v1.ObjectReference op
5 deprecatedTopology string mo
6 nodeName string op
7 zone string op
8 hints .discovery.v1.EndpointHints op

.discovery.v1.EndpointConditions
1 ready bool op
2 serving bool op
3 terminating bool op

.discovery.v1.EndpointHints
1 forZones .discovery.v1.ForZone ro

.discovery.v1.EndpointPort
1 name string op
2 protocol string op
3 port int32 op
4 appProtocol string op

.discovery.v1.EndpointSlice
1 metadata ~apis.meta.v1.ObjectMeta o
4 addressType string
2 endpoints .discovery.v1.Endpoint r
3 ports .discovery.v1.EndpointPort r

.discovery.v1.EndpointSliceList
1 metadata ~apis.meta.v1.ListMeta o
2 items .discovery.v1.EndpointSlice r

.discovery.v1.ForZone
1 name string

.discovery.v1beta1.Endpoint
1 addresses string r
2 conditions .discovery.v1beta1.EndpointConditions o
3 hostname string op
4 targetRef .core.v1.ObjectReference op
5 topology string mo
6 nodeName string op
7 hints .discovery.v1beta1.EndpointHints op

.discovery.v1beta1.EndpointConditions
1 ready bool op
2 serving bool op
3 terminating bool op

.discovery.v1beta1.EndpointHints
1 forZones .discovery.v1beta1.ForZone ro

.discovery.v1beta1.EndpointPort
1 name string op
2 protocol string op
3 port int32 op
4 appProtocol string op

.discovery.v1beta1.EndpointSlice
1 metadata ~apis.meta.v1.ObjectMeta o
4 addressType string
2 endpoints .discovery.v1beta1.Endpoint r
3 ports .discovery.v1beta1.EndpointPort r

.discovery.v1beta1.EndpointSliceList
1 metadata ~apis.meta.v1.ListMeta o
2 items .discovery.v1beta1.EndpointSlice r

.discovery.v1beta1.ForZone
1 name string

.events.v1.Event
1 metadata ~apis.meta.v1.ObjectMeta
2 eventTime ~apis.meta.v1.MicroTime
3 series .events.v1.EventSeries op
4 reportingController string o
5 reportingInstance string o
6 action string o
7 reason string o
8 regarding .core.v1.ObjectReference o
9 related .core.v1.ObjectReference op
10 note string o
11 type string o
12 deprecatedSource .core.v1.EventSource o
13 deprecatedFirstTimestamp ~apis.meta.v1.Time o
14 deprecatedLastTimestamp ~apis.meta.v1.Time o
15 deprecatedCount int32 o

.events.v1.EventList
1 metadata ~apis.meta.v1.ListMeta o
2 items .events.v1.Event r

.events.v1.EventSeries
1 count int32
2 lastObservedTime ~apis.meta.v1.MicroTime

.events.v1beta1.Event
1 metadata ~apis.meta.v1.ObjectMeta
2 eventTime ~apis.meta.v1.MicroTime
3 series .events.v1beta1.EventSeries op
4 reportingController string o
5 reportingInstance string o
6 action string o
7 reason string o
8 regarding .core.v1.ObjectReference o
9 related .core.v1.ObjectReference op
10 note string o
11 type string o
12 deprecatedSource .core.v1.EventSource o
13 deprecatedFirstTimestamp ~apis.meta.v1.Time o
14 deprecatedLastTimestamp ~apis.meta.v1.Time o
15 deprecatedCount int32 o

.events.v1beta1.EventList
1 metadata ~apis.meta.v1.ListMeta o
2 items .events.v1beta1.Event r

.events.v1beta1.EventSeries
1 count int32
2 lastObservedTime ~apis.meta.v1.MicroTime

.extensions.v1beta1.DaemonSet
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .extensions.v1beta1.DaemonSetSpec o
3 status .extensions.v1beta1.DaemonSetStatus o

.extensions.v1beta1.DaemonSetCondition
1 type string
2 status string
3 lastTransitionTime ~apis.meta.v1.Time o
4 reason string o
5 message string o

.extensions.v1beta1.DaemonSetList
1 metadata ~apis.meta.v1.ListMeta o
2 items .extensions.v1beta1.DaemonSet r

.extensions.v1beta1.DaemonSetSpec
1 selector ~apis.meta.v1.LabelSelector op
2 template .core.v1.PodTemplateSpec
3 updateStrategy .extensions.v1beta1.DaemonSetUpdateStrategy o
4 minReadySeconds int32 o
5 templateGeneration int64 o
6 revisionHistoryLimit int32 op

.extensions.v1beta1.DaemonSetStatus
1 currentNumberScheduled int32
2 numberMisscheduled int32
3 desiredNumberScheduled int32
4 numberReady int32
5 observedGeneration int64 o
6 updatedNumberScheduled int32 o
7 numberAvailable int32 o
8 numberUnavailable int32 o
9 collisionCount int32 op
10 conditions .extensions.v1beta1.DaemonSetCondition ro

.extensions.v1beta1.DaemonSetUpdateStrategy
1 type string o
2 rollingUpdate .extensions.v1beta1.RollingUpdateDaemonSet op

.extensions.v1beta1.Deployment
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .extensions.v1beta1.DeploymentSpec o
3 status .extensions.v1beta1.DeploymentStatus o

.extensions.v1beta1.DeploymentCondition
1 type string
2 status string
6 lastUpdateTime ~apis.meta.v1.Time o
7 lastTransitionTime ~apis.meta.v1.Time o
4 reason string o
5 message string o

.extensions.v1beta1.DeploymentList
1 metadata ~apis.meta.v1.ListMeta o
2 items .extensions.v1beta1.Deployment r

.extensions.v1beta1.DeploymentRollback
1 name string
2 updatedAnnotations string mo
3 rollbackTo .extensions.v1beta1.RollbackConfig

.extensions.v1beta1.DeploymentSpec
1 replicas int32 op
2 selector ~apis.meta.v1.LabelSelector op
3 template .core.v1.PodTemplateSpec
4 strategy .extensions.v1beta1.DeploymentStrategy o
5 minReadySeconds int32 o
6 revisionHistoryLimit int32 op
7 paused bool o
8 rollbackTo .extensions.v1beta1.RollbackConfig op
9 progressDeadlineSeconds int32 op

.extensions.v1beta1.DeploymentStatus
1 observedGeneration int64 o
2 replicas int32 o
3 updatedReplicas int32 o
7 readyReplicas int32 o
4 availableReplicas int32 o
5 unavailableReplicas int32 o
6 conditions .extensions.v1beta1.DeploymentCondition ro
8 collisionCount int32 op

.extensions.v1beta1.DeploymentStrategy
1 type string o
2 rollingUpdate .extensions.v1beta1.RollingUpdateDeployment op

.extensions.v1beta1.HTTPIngressPath
1 path string o
3 pathType string op
2 backend .extensions.v1beta1.IngressBackend

.extensions.v1beta1.HTTPIngressRuleValue
1 paths .extensions.v1beta1.HTTPIngressPath r

.extensions.v1beta1.IPBlock
1 cidr string
2 except string ro

.extensions.v1beta1.Ingress
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .extensions.v1beta1.IngressSpec o
3 status .extensions.v1beta1.IngressStatus o

.extensions.v1beta1.IngressBackend
1 serviceName string o
2 servicePort ~util.intstr.IntOrString o
3 resource .core.v1.TypedLocalObjectReference op

.extensions.v1beta1.IngressList
1 metadata ~apis.meta.v1.ListMeta o
2 items .extensions.v1beta1.Ingress r

.extensions.v1beta1.IngressLoadBalancerIngress
1 ip string o
2 hostname string o
4 ports .extensions.v1beta1.IngressPortStatus ro

.extensions.v1beta1.IngressLoadBalancerStatus
1 ingress .extensions.v1beta1.IngressLoadBalancerIngress ro

.extensions.v1beta1.IngressPortStatus
1 port int32
2 protocol string
3 error string op

.extensions.v1beta1.IngressRule
1 host string o
2 ingressRuleValue .extensions.v1beta1.IngressRuleValue i

.extensions.v1beta1.IngressRuleValue
1 http .extensions.v1beta1.HTTPIngressRuleValue op

.extensions.v1beta1.IngressSpec
4 ingressClassName string op
1 backend .extensions.v1beta1.IngressBackend op
2 tls .extensions.v1beta1.IngressTLS ro
3 rules .extensions.v1beta1.IngressRule ro

.extensions.v1beta1.IngressStatus
1 loadBalancer .extensions.v1beta1.IngressLoadBalancerStatus o

.extensions.v1beta1.IngressTLS
1 hosts string ro
2 secretName string o

.extensions.v1beta1.NetworkPolicy
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .extensions.v1beta1.NetworkPolicySpec o

.extensions.v1beta1.NetworkPolicyEgressRule
1 ports .extensions.v1beta1.NetworkPolicyPort ro
2 to .extensions.v1beta1.NetworkPolicyPeer ro

.extensions.v1beta1.NetworkPolicyIngressRule
1 ports .extensions.v1beta1.NetworkPolicyPort ro
2 from .extensions.v1beta1.NetworkPolicyPeer ro

.extensions.v1beta1.NetworkPolicyList
1 metadata ~apis.meta.v1.ListMeta o
2 items .extensions.v1beta1.NetworkPolicy r

.extensions.v1beta1.NetworkPolicyPeer
1 podSelector ~apis.meta.v1.LabelSelector op
2 namespaceSelector ~apis.meta.v1.LabelSelector op
3 ipBlock .extensions.v1beta1.IPBlock op

.extensions.v1beta1.NetworkPolicyPort
1 protocol string op
2 port ~util.intstr.IntOrString op
3 endPort int32 op

.extensions.v1beta1.NetworkPolicySpec
1 podSelector ~apis.meta.v1.LabelSelector
2 ingress .extensions.v1beta1.NetworkPolicyIngressRule ro
3 egress .extensions.v1beta1.NetworkPolicyEgressRule ro
4 policyTypes string ro

.extensions.v1beta1.ReplicaSet
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .extensions.v1beta1.ReplicaSetSpec o
3 status .extensions.v1beta1.ReplicaSetStatus o

.extensions.v1beta1.ReplicaSetCondition
1 type string
2 status string
3 lastTransitionTime ~apis.meta.v1.Time o
4 reason string o
5 message string o

.extensions.v1beta1.ReplicaSetList
1 metadata ~apis.meta.v1.ListMeta o
2 items .extensions.v1beta1.ReplicaSet r

.extensions.v1beta1.ReplicaSetSpec
1 replicas int32 op
4 minReadySeconds int32 o
2 selector ~apis.meta.v1.LabelSelector op
3 template .core.v1.PodTemplateSpec o

.extensions.v1beta1.ReplicaSetStatus
1 replicas int32
2 fullyLabeledReplicas int32 o
4 readyReplicas int32 o
5 availableReplicas int32 o
3 observedGeneration int64 o
6 conditions .extensions.v1beta1.ReplicaSetCondition ro

.extensions.v1beta1.RollbackConfig
1 revision int64 o

.extensions.v1beta1.RollingUpdateDaemonSet
1 maxUnavailable ~util.intstr.IntOrString op
2 maxSurge ~util.intstr.IntOrString op

.extensions.v1beta1.RollingUpdateDeployment
1 maxUnavailable ~util.intstr.IntOrString op
2 maxSurge ~util.intstr.IntOrString op

.extensions.v1beta1.Scale
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .extensions.v1beta1.ScaleSpec o
3 status .extensions.v1beta1.ScaleStatus o

.extensions.v1beta1.ScaleSpec
1 replicas int32 o

.extensions.v1beta1.ScaleStatus
1 replicas int32
2 selector string mo
3 targetSelector string o

.flowcontrol.v1.ExemptPriorityLevelConfiguration
1 nominalConcurrencyShares int32 op
2 lendablePercent int32 op

.flowcontrol.v1.FlowDistinguisherMethod
1 type string

.flowcontrol.v1.FlowSchema
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .flowcontrol.v1.FlowSchemaSpec o
3 status .flowcontrol.v1.FlowSchemaStatus o

.flowcontrol.v1.FlowSchemaCondition
1 type string o
2 status string o
3 lastTransitionTime ~apis.meta.v1.Time o
4 reason string o
5 message string o

.flowcontrol.v1.FlowSchemaList
1 metadata ~apis.meta.v1.ListMeta o
2 items .flowcontrol.v1.FlowSchema r

.flowcontrol.v1.FlowSchemaSpec
1 priorityLevelConfiguration .flowcontrol.v1.PriorityLevelConfigurationReference
2 matchingPrecedence int32
3 distinguisherMethod .flowcontrol.v1.FlowDistinguisherMethod op
4 rules .flowcontrol.v1.PolicyRulesWithSubjects ro

.flowcontrol.v1.FlowSchemaStatus
1 conditions .flowcontrol.v1.FlowSchemaCondition ro

.flowcontrol.v1.GroupSubject
1 name string

.flowcontrol.v1.LimitResponse
1 type string
2 queuing .flowcontrol.v1.QueuingConfiguration op

.flowcontrol.v1.LimitedPriorityLevelConfiguration
1 nominalConcurrencyShares int32 p
2 limitResponse .flowcontrol.v1.LimitResponse o
3 lendablePercent int32 op
4 borrowingLimitPercent int32 op

.flowcontrol.v1.NonResourcePolicyRule
1 verbs string r
6 nonResourceURLs string r

.flowcontrol.v1.PolicyRulesWithSubjects
1 subjects .flowcontrol.v1.Subject r
2 resourceRules .flowcontrol.v1.ResourcePolicyRule ro
3 nonResourceRules .flowcontrol.v1.NonResourcePolicyRule ro

.flowcontrol.v1.PriorityLevelConfiguration
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .flowcontrol.v1.PriorityLevelConfigurationSpec o
3 status .flowcontrol.v1.PriorityLevelConfigurationStatus o

.flowcontrol.v1.PriorityLevelConfigurationCondition
1 type string o
2 status string o
3 lastTransitionTime ~apis.meta.v1.Time o
4 reason string o
5 message string o

.flowcontrol.v1.PriorityLevelConfigurationList
1 metadata ~apis.meta.v1.ListMeta o
2 items .flowcontrol.v1.PriorityLevelConfiguration r

.flowcontrol.v1.PriorityLevelConfigurationReference
1 name string

.flowcontrol.v1.PriorityLevelConfigurationSpec
1 type string
2 limited .flowcontrol.v1.LimitedPriorityLevelConfiguration op
3 exempt .flowcontrol.v1.ExemptPriorityLevelConfiguration op

.flowcontrol.v1.PriorityLevelConfigurationStatus
1 conditions .flowcontrol.v1.PriorityLevelConfigurationCondition ro

.flowcontrol.v1.QueuingConfiguration
1 queues int32
2 handSize int32
3 queueLengthLimit int32

.flowcontrol.v1.ResourcePolicyRule
1 verbs string r
2 apiGroups string r
3 resources string r
4 clusterScope bool o
5 namespaces string r

.flowcontrol.v1.ServiceAccountSubject
1 namespace string
2 name string

.flowcontrol.v1.Subject
1 kind string
2 user .flowcontrol.v1.UserSubject op
3 group .flowcontrol.v1.GroupSubject op
4 serviceAccount .flowcontrol.v1.ServiceAccountSubject op

.flowcontrol.v1.UserSubject
1 name string

.flowcontrol.v1beta1.ExemptPriorityLevelConfiguration
1 nominalConcurrencyShares int32 op
2 lendablePercent int32 op

.flowcontrol.v1beta1.FlowDistinguisherMethod
1 type string

.flowcontrol.v1beta1.FlowSchema
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .flowcontrol.v1beta1.FlowSchemaSpec o
3 status .flowcontrol.v1beta1.FlowSchemaStatus o

.flowcontrol.v1beta1.FlowSchemaCondition
1 type string o
2 status string o
3 lastTransitionTime ~apis.meta.v1.Time o
4 reason string o
5 message string o

.flowcontrol.v1beta1.FlowSchemaList
1 metadata ~apis.meta.v1.ListMeta o
2 items .flowcontrol.v1beta1.FlowSchema r

.flowcontrol.v1beta1.FlowSchemaSpec
1 priorityLevelConfiguration .flowcontrol.v1beta1.PriorityLevelConfigurationReference
2 matchingPrecedence int32
3 distinguisherMethod .flowcontrol.v1beta1.FlowDistinguisherMethod op
4 rules .flowcontrol.v1beta1.PolicyRulesWithSubjects ro

.flowcontrol.v1beta1.FlowSchemaStatus
1 conditions .flowcontrol.v1beta1.FlowSchemaCondition ro

.flowcontrol.v1beta1.GroupSubject
1 name string

.flowcontrol.v1beta1.LimitResponse
1 type string
2 queuing .flowcontrol.v1beta1.QueuingConfiguration op

.flowcontrol.v1beta1.LimitedPriorityLevelConfiguration
1 assuredConcurrencyShares int32
2 limitResponse .flowcontrol.v1beta1.LimitResponse o
3 lendablePercent int32 op
4 borrowingLimitPercent int32 op

.flowcontrol.v1beta1.NonResourcePolicyRule
1 verbs string r
6 nonResourceURLs string r

.flowcontrol.v1beta1.PolicyRulesWithSubjects
1 subjects .flowcontrol.v1beta1.Subject r
2 resourceRules .flowcontrol.v1beta1.ResourcePolicyRule ro
3 nonResourceRules .flowcontrol.v1beta1.NonResourcePolicyRule ro

.flowcontrol.v1beta1.PriorityLevelConfiguration
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .flowcontrol.v1beta1.PriorityLevelConfigurationSpec o
3 status .flowcontrol.v1beta1.PriorityLevelConfigurationStatus o

.flowcontrol.v1beta1.PriorityLevelConfigurationCondition
1 type string o
2 status string o
3 lastTransitionTime ~apis.meta.v1.Time o
4 reason string o
5 message string o

.flowcontrol.v1beta1.PriorityLevelConfigurationList
1 metadata ~apis.meta.v1.ListMeta o
2 items .flowcontrol.v1beta1.PriorityLevelConfiguration r

.flowcontrol.v1beta1.PriorityLevelConfigurationReference
1 name string

.flowcontrol.v1beta1.PriorityLevelConfigurationSpec
1 type string
2 limited .flowcontrol.v1beta1.LimitedPriorityLevelConfiguration op
3 exempt .flowcontrol.v1beta1.ExemptPriorityLevelConfiguration op

.flowcontrol.v1beta1.PriorityLevelConfigurationStatus
1 conditions .flowcontrol.v1beta1.PriorityLevelConfigurationCondition ro

.flowcontrol.v1beta1.QueuingConfiguration
1 queues int32
2 handSize int32
3 queueLengthLimit int32

.flowcontrol.v1beta1.ResourcePolicyRule
1 verbs string r
2 apiGroups string r
3 resources string r
4 clusterScope bool o
5 namespaces string r

.flowcontrol.v1beta1.ServiceAccountSubject
1 namespace string
2 name string

.flowcontrol.v1beta1.Subject
1 kind string
2 user .flowcontrol.v1beta1.UserSubject op
3 group .flowcontrol.v1beta1.GroupSubject op
4 serviceAccount .flowcontrol.v1beta1.ServiceAccountSubject op

.flowcontrol.v1beta1.UserSubject
1 name string

.flowcontrol.v1beta2.ExemptPriorityLevelConfiguration
1 nominalConcurrencyShares int32 op
2 lendablePercent int32 op

.flowcontrol.v1beta2.FlowDistinguisherMethod
1 type string

.flowcontrol.v1beta2.FlowSchema
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .flowcontrol.v1beta2.FlowSchemaSpec o
3 status .flowcontrol.v1beta2.FlowSchemaStatus o

.flowcontrol.v1beta2.FlowSchemaCondition
1 type string o
2 status string o
3 lastTransitionTime ~apis.meta.v1.Time o
4 reason string o
5 message string o

.flowcontrol.v1beta2.FlowSchemaList
1 metadata ~apis.meta.v1.ListMeta o
2 items .flowcontrol.v1beta2.FlowSchema r

.flowcontrol.v1beta2.FlowSchemaSpec
1 priorityLevelConfiguration .flowcontrol.v1beta2.PriorityLevelConfigurationReference
2 matchingPrecedence int32
3 distinguisherMethod .flowcontrol.v1beta2.FlowDistinguisherMethod op
4 rules .flowcontrol.v1beta2.PolicyRulesWithSubjects ro

.flowcontrol.v1beta2.FlowSchemaStatus
1 conditions .flowcontrol.v1beta2.FlowSchemaCondition ro

.flowcontrol.v1beta2.GroupSubject
1 name string

.flowcontrol.v1beta2.LimitResponse
1 type string
2 queuing .flowcontrol.v1beta2.QueuingConfiguration op

.flowcontrol.v1beta2.LimitedPriorityLevelConfiguration
1 assuredConcurrencyShares int32
2 limitResponse .flowcontrol.v1beta2.LimitResponse o
3 lendablePercent int32 op
4 borrowingLimitPercent int32 op

.flowcontrol.v1beta2.NonResourcePolicyRule
1 verbs string r
6 nonResourceURLs string r

.flowcontrol.v1beta2.PolicyRulesWithSubjects
1 subjects .flowcontrol.v1beta2.Subject r
2 resourceRules .flowcontrol.v1beta2.ResourcePolicyRule ro
3 nonResourceRules .flowcontrol.v1beta2.NonResourcePolicyRule ro

.flowcontrol.v1beta2.PriorityLevelConfiguration
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .flowcontrol.v1beta2.PriorityLevelConfigurationSpec o
3 status .flowcontrol.v1beta2.PriorityLevelConfigurationStatus o

.flowcontrol.v1beta2.PriorityLevelConfigurationCondition
1 type string o
2 status string o
3 lastTransitionTime ~apis.meta.v1.Time o
4 reason string o
5 message string o

.flowcontrol.v1beta2.PriorityLevelConfigurationList
1 metadata ~apis.meta.v1.ListMeta o
2 items .flowcontrol.v1beta2.PriorityLevelConfiguration r

.flowcontrol.v1beta2.PriorityLevelConfigurationReference
1 name string

.flowcontrol.v1beta2.PriorityLevelConfigurationSpec
1 type string
2 limited .flowcontrol.v1beta2.LimitedPriorityLevelConfiguration op
3 exempt .flowcontrol.v1beta2.ExemptPriorityLevelConfiguration op

.flowcontrol.v1beta2.PriorityLevelConfigurationStatus
1 conditions .flowcontrol.v1beta2.PriorityLevelConfigurationCondition ro

.flowcontrol.v1beta2.QueuingConfiguration
1 queues int32
2 handSize int32
3 queueLengthLimit int32

.flowcontrol.v1beta2.ResourcePolicyRule
1 verbs string r
2 apiGroups string r
3 resources string r
4 clusterScope bool o
5 namespaces string r

.flowcontrol.v1beta2.ServiceAccountSubject
1 namespace string
2 name string

.flowcontrol.v1beta2.Subject
1 kind string
2 user .flowcontrol.v1beta2.UserSubject op
3 group .flowcontrol.v1beta2.GroupSubject op
4 serviceAccount .flowcontrol.v1beta2.ServiceAccountSubject op

.flowcontrol.v1beta2.UserSubject
1 name string

.flowcontrol.v1beta3.ExemptPriorityLevelConfiguration
1 nominalConcurrencyShares int32 op
2 lendablePercent int32 op

.flowcontrol.v1beta3.FlowDistinguisherMethod
1 type string

.flowcontrol.v1beta3.FlowSchema
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .flowcontrol.v1beta3.FlowSchemaSpec o
3 status .flowcontrol.v1beta3.FlowSchemaStatus o

.flowcontrol.v1beta3.FlowSchemaCondition
1 type string o
2 status string o
3 lastTransitionTime ~apis.meta.v1.Time o
4 reason string o
5 message string o

.flowcontrol.v1beta3.FlowSchemaList
1 metadata ~apis.meta.v1.ListMeta o
2 items .flowcontrol.v1beta3.FlowSchema r

.flowcontrol.v1beta3.FlowSchemaSpec
1 priorityLevelConfiguration .flowcontrol.v1beta3.PriorityLevelConfigurationReference
2 matchingPrecedence int32
3 distinguisherMethod .flowcontrol.v1beta3.FlowDistinguisherMethod op
4 rules .flowcontrol.v1beta3.PolicyRulesWithSubjects ro

.flowcontrol.v1beta3.FlowSchemaStatus
1 conditions .flowcontrol.v1beta3.FlowSchemaCondition ro

.flowcontrol.v1beta3.GroupSubject
1 name string

.flowcontrol.v1beta3.LimitResponse
1 type string
2 queuing .flowcontrol.v1beta3.QueuingConfiguration op

.flowcontrol.v1beta3.LimitedPriorityLevelConfiguration
1 nominalConcurrencyShares int32
2 limitResponse .flowcontrol.v1beta3.LimitResponse o
3 lendablePercent int32 op
4 borrowingLimitPercent int32 op

.flowcontrol.v1beta3.NonResourcePolicyRule
1 verbs string r
6 nonResourceURLs string r

.flowcontrol.v1beta3.PolicyRulesWithSubjects
1 subjects .flowcontrol.v1beta3.Subject r
2 resourceRules .flowcontrol.v1beta3.ResourcePolicyRule ro
3 nonResourceRules .flowcontrol.v1beta3.NonResourcePolicyRule ro

.flowcontrol.v1beta3.PriorityLevelConfiguration
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .flowcontrol.v1beta3.PriorityLevelConfigurationSpec o
3 status .flowcontrol.v1beta3.PriorityLevelConfigurationStatus o

.flowcontrol.v1beta3.PriorityLevelConfigurationCondition
1 type string o
2 status string o
3 lastTransitionTime ~apis.meta.v1.Time o
4 reason string o
5 message string o

.flowcontrol.v1beta3.PriorityLevelConfigurationList
1 metadata ~apis.meta.v1.ListMeta o
2 items .flowcontrol.v1beta3.PriorityLevelConfiguration r

.flowcontrol.v1beta3.PriorityLevelConfigurationReference
1 name string

.flowcontrol.v1beta3.PriorityLevelConfigurationSpec
1 type string
2 limited .flowcontrol.v1beta3.LimitedPriorityLevelConfiguration op
3 exempt .flowcontrol.v1beta3.ExemptPriorityLevelConfiguration op

.flowcontrol.v1beta3.PriorityLevelConfigurationStatus
1 conditions .flowcontrol.v1beta3.PriorityLevelConfigurationCondition ro

.flowcontrol.v1beta3.QueuingConfiguration
1 queues int32
2 handSize int32
3 queueLengthLimit int32

.flowcontrol.v1beta3.ResourcePolicyRule
1 verbs string r
2 apiGroups string r
3 resources string r
4 clusterScope bool o
5 namespaces string r

.flowcontrol.v1beta3.ServiceAccountSubject
1 namespace string
2 name string

.flowcontrol.v1beta3.Subject
1 kind string
2 user .flowcontrol.v1beta3.UserSubject op
3 group .flowcontrol.v1beta3.GroupSubject op
4 serviceAccount .flowcontrol.v1beta3.ServiceAccountSubject op

.flowcontrol.v1beta3.UserSubject
1 name string

.imagepolicy.v1alpha1.ImageReview
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .imagepolicy.v1alpha1.ImageReviewSpec
3 status .imagepolicy.v1alpha1.ImageReviewStatus o

.imagepolicy.v1alpha1.ImageReviewContainerSpec
1 image string o

.imagepolicy.v1alpha1.ImageReviewSpec
1 containers .imagepolicy.v1alpha1.ImageReviewContainerSpec ro
2 annotations string mo
3 namespace string o

.imagepolicy.v1alpha1.ImageReviewStatus
1 allowed bool
2 reason string o
3 auditAnnotations string mo

.networking.v1.HTTPIngressPath
1 path string o
3 pathType string p
2 backend .networking.v1.IngressBackend

.networking.v1.HTTPIngressRuleValue
1 paths .networking.v1.HTTPIngressPath r

.networking.v1.IPBlock
1 cidr string
2 except string ro

.networking.v1.Ingress
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .networking.v1.IngressSpec o
3 status .networking.v1.IngressStatus o

.networking.v1.IngressBackend
4 service .networking.v1.IngressServiceBackend op
3 resource .core.v1.TypedLocalObjectReference op

.networking.v1.IngressClass
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .networking.v1.IngressClassSpec o

.networking.v1.IngressClassList
1 metadata ~apis.meta.v1.ListMeta o
2 items .networking.v1.IngressClass r

.networking.v1.IngressClassParametersReference
1 apiGroup string op
2 kind string
3 name string
4 scope string p
5 namespace string op

.networking.v1.IngressClassSpec
1 controller string o
2 parameters .networking.v1.IngressClassParametersReference op

.networking.v1.IngressList
1 metadata ~apis.meta.v1.ListMeta o
2 items .networking.v1.Ingress r

.networking.v1.IngressLoadBalancerIngress
1 ip string o
2 hostname string o
4 ports .networking.v1.IngressPortStatus ro

.networking.v1.IngressLoadBalancerStatus
1 ingress .networking.v1.IngressLoadBalancerIngress ro

.networking.v1.IngressPortStatus
1 port int32
2 protocol string
3 error string op

.networking.v1.IngressRule
1 host string o
2 ingressRuleValue .networking.v1.IngressRuleValue i

.networking.v1.IngressRuleValue
1 http .networking.v1.HTTPIngressRuleValue op

.networking.v1.IngressServiceBackend
1 name string
2 port .networking.v1.ServiceBackendPort o

.networking.v1.IngressSpec
4 ingressClassName string op
1 defaultBackend .networking.v1.IngressBackend op
2 tls .networking.v1.IngressTLS ro
3 rules .networking.v1.IngressRule ro

.networking.v1.IngressStatus
1 loadBalancer .networking.v1.IngressLoadBalancerStatus o

.networking.v1.IngressTLS
1 hosts string ro
2 secretName string o

.networking.v1.NetworkPolicy
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .networking.v1.NetworkPolicySpec o

.networking.v1.NetworkPolicyEgressRule
1 ports .networking.v1.NetworkPolicyPort ro
2 to .networking.v1.NetworkPolicyPeer ro

.networking.v1.NetworkPolicyIngressRule
1 ports .networking.v1.NetworkPolicyPort ro
2 from .networking.v1.NetworkPolicyPeer ro

.networking.v1.NetworkPolicyList
1 metadata ~apis.meta.v1.ListMeta o
2 items .networking.v1.NetworkPolicy r

.networking.v1.NetworkPolicyPeer
1 podSelector ~apis.meta.v1.LabelSelector op
2 namespaceSelector ~apis.meta.v1.LabelSelector op
3 ipBlock .networking.v1.IPBlock op

.networking.v1.NetworkPolicyPort
1 protocol string op
2 port ~util.intstr.IntOrString op
3 endPort int32 op

.networking.v1.NetworkPolicySpec
1 podSelector ~apis.meta.v1.LabelSelector
2 ingress .networking.v1.NetworkPolicyIngressRule ro
3 egress .networking.v1.NetworkPolicyEgressRule ro
4 policyTypes string ro

.networking.v1.ServiceBackendPort
1 name string o
2 number int32 o

.networking.v1alpha1.IPAddress
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .networking.v1alpha1.IPAddressSpec o

.networking.v1alpha1.IPAddressList
1 metadata ~apis.meta.v1.ListMeta o
2 items .networking.v1alpha1.IPAddress r

.networking.v1alpha1.IPAddressSpec
1 parentRef .networking.v1alpha1.ParentReference op

.networking.v1alpha1.ParentReference
1 group string o
2 resource string o
3 namespace string o
4 name string o

.networking.v1alpha1.ServiceCIDR
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .networking.v1alpha1.ServiceCIDRSpec o
3 status .networking.v1alpha1.ServiceCIDRStatus o

.networking.v1alpha1.ServiceCIDRList
1 metadata ~apis.meta.v1.ListMeta o
2 items .networking.v1alpha1.ServiceCIDR r

.networking.v1alpha1.ServiceCIDRSpec
1 cidrs string ro

.networking.v1alpha1.ServiceCIDRStatus
1 conditions ~apis.meta.v1.Condition ro

.networking.v1beta1.HTTPIngressPath
1 path string o
3 pathType string op
2 backend .networking.v1beta1.IngressBackend

.networking.v1beta1.HTTPIngressRuleValue
1 paths .networking.v1beta1.HTTPIngressPath r

.networking.v1beta1.IPAddress
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .networking.v1beta1.IPAddressSpec o

.networking.v1beta1.IPAddressList
1 metadata ~apis.meta.v1.ListMeta o
2 items .networking.v1beta1.IPAddress r

.networking.v1beta1.IPAddressSpec
1 parentRef .networking.v1beta1.ParentReference op

.networking.v1beta1.Ingress
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .networking.v1beta1.IngressSpec o
3 status .networking.v1beta1.IngressStatus o

.networking.v1beta1.IngressBackend
1 serviceName string o
2 servicePort ~util.intstr.IntOrString o
3 resource .core.v1.TypedLocalObjectReference op

.networking.v1beta1.IngressClass
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .networking.v1beta1.IngressClassSpec o

.networking.v1beta1.IngressClassList
1 metadata ~apis.meta.v1.ListMeta o
2 items .networking.v1beta1.IngressClass r

.networking.v1beta1.IngressClassParametersReference
1 apiGroup string op
2 kind string
3 name string
4 scope string p
5 namespace string op

.networking.v1beta1.IngressClassSpec
1 controller string o
2 parameters .networking.v1beta1.IngressClassParametersReference op

.networking.v1beta1.IngressList
1 metadata ~apis.meta.v1.ListMeta o
2 items .networking.v1beta1.Ingress r

.networking.v1beta1.IngressLoadBalancerIngress
1 ip string o
2 hostname string o
4 ports .networking.v1beta1.IngressPortStatus ro

.networking.v1beta1.IngressLoadBalancerStatus
1 ingress .networking.v1beta1.IngressLoadBalancerIngress ro

.networking.v1beta1.IngressPortStatus
1 port int32
2 protocol string
3 error string op

.networking.v1beta1.IngressRule
1 host string o
2 ingressRuleValue .networking.v1beta1.IngressRuleValue i

.networking.v1beta1.IngressRuleValue
1 http .networking.v1beta1.HTTPIngressRuleValue op

.networking.v1beta1.IngressSpec
4 ingressClassName string op
1 backend .networking.v1beta1.IngressBackend op
2 tls .networking.v1beta1.IngressTLS ro
3 rules .networking.v1beta1.IngressRule ro

.networking.v1beta1.IngressStatus
1 loadBalancer .networking.v1beta1.IngressLoadBalancerStatus o

.networking.v1beta1.IngressTLS
1 hosts string ro
2 secretName string o

.networking.v1beta1.ParentReference
1 group string o
2 resource string o
3 namespace string o
4 name string o

.networking.v1beta1.ServiceCIDR
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .networking.v1beta1.ServiceCIDRSpec o
3 status .networking.v1beta1.ServiceCIDRStatus o

.networking.v1beta1.ServiceCIDRList
1 metadata ~apis.meta.v1.ListMeta o
2 items .networking.v1beta1.ServiceCIDR r

.networking.v1beta1.ServiceCIDRSpec
1 cidrs string ro

.networking.v1beta1.ServiceCIDRStatus
1 conditions ~apis.meta.v1.Condition ro

.node.v1.Overhead
1 podFixed ~api.resource.Quantity mo

.node.v1.RuntimeClass
1 metadata ~apis.meta.v1.ObjectMeta o
2 handler string
3 overhead .node.v1.Overhead op
4 scheduling .node.v1.Scheduling op

.node.v1.RuntimeClassList
1 metadata ~apis.meta.v1.ListMeta o
2 items .node.v1.RuntimeClass r

.node.v1.Scheduling
1 nodeSelector string mo
2 tolerations .core.v1.Toleration ro

.node.v1alpha1.Overhead
1 podFixed ~api.resource.Quantity mo

.node.v1alpha1.RuntimeClass
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .node.v1alpha1.RuntimeClassSpec

.node.v1alpha1.RuntimeClassList
1 metadata ~apis.meta.v1.ListMeta o
2 items .node.v1alpha1.RuntimeClass r

.node.v1alpha1.RuntimeClassSpec
1 runtimeHandler string
2 overhead .node.v1alpha1.Overhead op
3 scheduling .node.v1alpha1.Scheduling op

.node.v1alpha1.Scheduling
1 nodeSelector string mo
2 tolerations .core.v1.Toleration ro

.node.v1beta1.Overhead
1 podFixed ~api.resource.Quantity mo

.node.v1beta1.RuntimeClass
1 metadata ~apis.meta.v1.ObjectMeta o
2 handler string
3 overhead .node.v1beta1.Overhead op
4 scheduling .node.v1beta1.Scheduling op

.node.v1beta1.RuntimeClassList
1 metadata ~apis.meta.v1.ListMeta o
2 items .node.v1beta1.RuntimeClass r

.node.v1beta1.Scheduling
1 nodeSelector string mo
2 tolerations .core.v1.Toleration ro

.policy.v1.Eviction
1 metadata ~apis.meta.v1.ObjectMeta o
2 deleteOptions ~apis.meta.v1.DeleteOptions op

.policy.v1.PodDisruptionBudget
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .policy.v1.PodDisruptionBudgetSpec o
3 status .policy.v1.PodDisruptionBudgetStatus o

.policy.v1.PodDisruptionBudgetList
1 metadata ~apis.meta.v1.ListMeta o
2 items .policy.v1.PodDisruptionBudget r

.policy.v1.PodDisruptionBudgetSpec
1 minAvailable ~util.intstr.IntOrString op
2 selector ~apis.meta.v1.LabelSelector op
3 maxUnavailable ~util.intstr.IntOrString op
4 unhealthyPodEvictionPolicy string op

.policy.v1.PodDisruptionBudgetStatus
1 observedGeneration int64 o
2 disruptedPods ~apis.meta.v1.Time mo
3 disruptionsAllowed int32
4 currentHealthy int32
5 desiredHealthy int32
6 expectedPods int32
7 conditions ~apis.meta.v1.Condition ro

.policy.v1beta1.Eviction
1 metadata ~apis.meta.v1.ObjectMeta o
2 deleteOptions ~apis.meta.v1.DeleteOptions op

.policy.v1beta1.PodDisruptionBudget
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .policy.v1beta1.PodDisruptionBudgetSpec o
3 status .policy.v1beta1.PodDisruptionBudgetStatus o

.policy.v1beta1.PodDisruptionBudgetList
1 metadata ~apis.meta.v1.ListMeta o
2 items .policy.v1beta1.PodDisruptionBudget r

.policy.v1beta1.PodDisruptionBudgetSpec
1 minAvailable ~util.intstr.IntOrString op
2 selector ~apis.meta.v1.LabelSelector op
3 maxUnavailable ~util.intstr.IntOrString op
4 unhealthyPodEvictionPolicy string op

.policy.v1beta1.PodDisruptionBudgetStatus
1 observedGeneration int64 o
2 disruptedPods ~apis.meta.v1.Time mo
3 disruptionsAllowed int32
4 currentHealthy int32
5 desiredHealthy int32
6 expectedPods int32
7 conditions ~apis.meta.v1.Condition ro

.rbac.v1.AggregationRule
1 clusterRoleSelectors ~apis.meta.v1.LabelSelector ro

.rbac.v1.ClusterRole
1 metadata ~apis.meta.v1.ObjectMeta o
2 rules .rbac.v1.PolicyRule r
3 aggregationRule .rbac.v1.AggregationRule op

.rbac.v1.ClusterRoleBinding
1 metadata ~apis.meta.v1.ObjectMeta o
2 subjects .rbac.v1.Subject ro
3 roleRef .rbac.v1.RoleRef

.rbac.v1.ClusterRoleBindingList
1 metadata ~apis.meta.v1.ListMeta o
2 items .rbac.v1.ClusterRoleBinding r

.rbac.v1.ClusterRoleList
1 metadata ~apis.meta.v1.ListMeta o
2 items .rbac.v1.ClusterRole r

.rbac.v1.PolicyRule
1 verbs string r
2 apiGroups string ro
3 resources string ro
4 resourceNames string ro
5 nonResourceURLs string ro

.rbac.v1.Role
1 metadata ~apis.meta.v1.ObjectMeta o
2 rules .rbac.v1.PolicyRule r

.rbac.v1.RoleBinding
1 metadata ~apis.meta.v1.ObjectMeta o
2 subjects .rbac.v1.Subject ro
3 roleRef .rbac.v1.RoleRef

.rbac.v1.RoleBindingList
1 metadata ~apis.meta.v1.ListMeta o
2 items .rbac.v1.RoleBinding r

.rbac.v1.RoleList
1 metadata ~apis.meta.v1.ListMeta o
2 items .rbac.v1.Role r

.rbac.v1.RoleRef
1 apiGroup string
2 kind string
3 name string

.rbac.v1.Subject
1 kind string
2 apiGroup string o
3 name string
4 namespace string o

.rbac.v1alpha1.AggregationRule
1 clusterRoleSelectors ~apis.meta.v1.LabelSelector ro

.rbac.v1alpha1.ClusterRole
1 metadata ~apis.meta.v1.ObjectMeta o
2 rules .rbac.v1alpha1.PolicyRule r
3 aggregationRule .rbac.v1alpha1.AggregationRule op

.rbac.v1alpha1.ClusterRoleBinding
1 metadata ~apis.meta.v1.ObjectMeta o
2 subjects .rbac.v1alpha1.Subject ro
3 roleRef .rbac.v1alpha1.RoleRef

.rbac.v1alpha1.ClusterRoleBindingList
1 metadata ~apis.meta.v1.ListMeta o
2 items .rbac.v1alpha1.ClusterRoleBinding r

.rbac.v1alpha1.ClusterRoleList
1 metadata ~apis.meta.v1.ListMeta o
2 items .rbac.v1alpha1.ClusterRole r

.rbac.v1alpha1.PolicyRule
1 verbs string r
3 apiGroups string ro
4 resources string ro
5 resourceNames string ro
6 nonResourceURLs string ro

.rbac.v1alpha1.Role
1 metadata ~apis.meta.v1.ObjectMeta o
2 rules .rbac.v1alpha1.PolicyRule r

.rbac.v1alpha1.RoleBinding
1 metadata ~apis.meta.v1.ObjectMeta o
2 subjects .rbac.v1alpha1.Subject ro
3 roleRef .rbac.v1alpha1.RoleRef

.rbac.v1alpha1.RoleBindingList
1 metadata ~apis.meta.v1.ListMeta o
2 items .rbac.v1alpha1.RoleBinding r

.rbac.v1alpha1.RoleList
1 metadata ~apis.meta.v1.ListMeta o
2 items .rbac.v1alpha1.Role r

.rbac.v1alpha1.RoleRef
1 apiGroup string
2 kind string
3 name string

.rbac.v1alpha1.Subject
1 kind string
2 apiVersion string o
3 name string
4 namespace string o

.rbac.v1beta1.AggregationRule
1 clusterRoleSelectors ~apis.meta.v1.LabelSelector ro

.rbac.v1beta1.ClusterRole
1 metadata ~apis.meta.v1.ObjectMeta o
2 rules .rbac.v1beta1.PolicyRule r
3 aggregationRule .rbac.v1beta1.AggregationRule op

.rbac.v1beta1.ClusterRoleBinding
1 metadata ~apis.meta.v1.ObjectMeta o
2 subjects .rbac.v1beta1.Subject ro
3 roleRef .rbac.v1beta1.RoleRef

.rbac.v1beta1.ClusterRoleBindingList
1 metadata ~apis.meta.v1.ListMeta o
2 items .rbac.v1beta1.ClusterRoleBinding r

.rbac.v1beta1.ClusterRoleList
1 metadata ~apis.meta.v1.ListMeta o
2 items .rbac.v1beta1.ClusterRole r

.rbac.v1beta1.PolicyRule
1 verbs string r
2 apiGroups string ro
3 resources string ro
4 resourceNames string ro
5 nonResourceURLs string ro

.rbac.v1beta1.Role
1 metadata ~apis.meta.v1.ObjectMeta o
2 rules .rbac.v1beta1.PolicyRule r

.rbac.v1beta1.RoleBinding
1 metadata ~apis.meta.v1.ObjectMeta o
2 subjects .rbac.v1beta1.Subject ro
3 roleRef .rbac.v1beta1.RoleRef

.rbac.v1beta1.RoleBindingList
1 metadata ~apis.meta.v1.ListMeta o
2 items .rbac.v1beta1.RoleBinding r

.rbac.v1beta1.RoleList
1 metadata ~apis.meta.v1.ListMeta o
2 items .rbac.v1beta1.Role r

.rbac.v1beta1.RoleRef
1 apiGroup string
2 kind string
3 name string

.rbac.v1beta1.Subject
1 kind string
2 apiGroup string o
3 name string
4 namespace string o

.resource.v1alpha3.AllocatedDeviceStatus
1 driver string
2 pool string
3 device string
4 conditions ~apis.meta.v1.Condition r
5 data ~runtime.RawExtension o
6 networkData .resource.v1alpha3.NetworkDeviceData op

.resource.v1alpha3.AllocationResult
1 devices .resource.v1alpha3.DeviceAllocationResult o
3 nodeSelector .core.v1.NodeSelector op

.resource.v1alpha3.BasicDevice
1 attributes .resource.v1alpha3.DeviceAttribute mo
2 capacity ~api.resource.Quantity mo

.resource.v1alpha3.CELDeviceSelector
1 expression string

.resource.v1alpha3.Device
1 name string
2 basic .resource.v1alpha3.BasicDevice op

.resource.v1alpha3.DeviceAllocationConfiguration
1 source string
2 requests string ro
3 deviceConfiguration .resource.v1alpha3.DeviceConfiguration i

.resource.v1alpha3.DeviceAllocationResult
1 results .resource.v1alpha3.DeviceRequestAllocationResult ro
2 config .resource.v1alpha3.DeviceAllocationConfiguration ro

.resource.v1alpha3.DeviceAttribute
2 int int64 op
3 bool bool op
4 string string op
5 version string op

.resource.v1alpha3.DeviceClaim
1 requests .resource.v1alpha3.DeviceRequest r
2 constraints .resource.v1alpha3.DeviceConstraint ro
3 config .resource.v1alpha3.DeviceClaimConfiguration ro

.resource.v1alpha3.DeviceClaimConfiguration
1 requests string ro
2 deviceConfiguration .resource.v1alpha3.DeviceConfiguration i

.resource.v1alpha3.DeviceClass
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .resource.v1alpha3.DeviceClassSpec

.resource.v1alpha3.DeviceClassConfiguration
1 deviceConfiguration .resource.v1alpha3.DeviceConfiguration i

.resource.v1alpha3.DeviceClassList
1 metadata ~apis.meta.v1.ListMeta o
2 items .resource.v1alpha3.DeviceClass r

.resource.v1alpha3.DeviceClassSpec
1 selectors .resource.v1alpha3.DeviceSelector ro
2 config .resource.v1alpha3.DeviceClassConfiguration ro

.resource.v1alpha3.DeviceConfiguration
1 opaque .resource.v1alpha3.OpaqueDeviceConfiguration op

.resource.v1alpha3.DeviceConstraint
1 requests string ro
2 matchAttribute string op

.resource.v1alpha3.DeviceRequest
1 name string
2 deviceClassName string
3 selectors .resource.v1alpha3.DeviceSelector ro
4 allocationMode string o
5 count int64 o
6 adminAccess bool op

.resource.v1alpha3.DeviceRequestAllocationResult
1 request string
2 driver string
3 pool string
4 device string
5 adminAccess bool p

.resource.v1alpha3.DeviceSelector
1 cel .resource.v1alpha3.CELDeviceSelector op

.resource.v1alpha3.NetworkDeviceData
1 interfaceName string o
2 ips string ro
3 hardwareAddress string o

.resource.v1alpha3.OpaqueDeviceConfiguration
1 driver string
2 parameters ~runtime.RawExtension

.resource.v1alpha3.ResourceClaim
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .resource.v1alpha3.ResourceClaimSpec
3 status .resource.v1alpha3.ResourceClaimStatus o

.resource.v1alpha3.ResourceClaimConsumerReference
1 apiGroup string o
3 resource string
4 name string
5 uid string

.resource.v1alpha3.ResourceClaimList
1 metadata ~apis.meta.v1.ListMeta o
2 items .resource.v1alpha3.ResourceClaim r

.resource.v1alpha3.ResourceClaimSpec
1 devices .resource.v1alpha3.DeviceClaim

.resource.v1alpha3.ResourceClaimStatus
1 allocation .resource.v1alpha3.AllocationResult op
2 reservedFor .resource.v1alpha3.ResourceClaimConsumerReference ro
4 devices .resource.v1alpha3.AllocatedDeviceStatus ro

.resource.v1alpha3.ResourceClaimTemplate
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .resource.v1alpha3.ResourceClaimTemplateSpec

.resource.v1alpha3.ResourceClaimTemplateList
1 metadata ~apis.meta.v1.ListMeta o
2 items .resource.v1alpha3.ResourceClaimTemplate r

.resource.v1alpha3.ResourceClaimTemplateSpec
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .resource.v1alpha3.ResourceClaimSpec

.resource.v1alpha3.ResourcePool
1 name string
2 generation int64
3 resourceSliceCount int64

.resource.v1alpha3.ResourceSlice
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .resource.v1alpha3.ResourceSliceSpec

.resource.v1alpha3.ResourceSliceList
1 metadata ~apis.meta.v1.ListMeta o
2 items .resource.v1alpha3.ResourceSlice r

.resource.v1alpha3.ResourceSliceSpec
1 driver string
2 pool .resource.v1alpha3.ResourcePool
3 nodeName string o
4 nodeSelector .core.v1.NodeSelector op
5 allNodes bool o
6 devices .resource.v1alpha3.Device r

.resource.v1beta1.AllocatedDeviceStatus
1 driver string
2 pool string
3 device string
4 conditions ~apis.meta.v1.Condition r
5 data ~runtime.RawExtension o
6 networkData .resource.v1beta1.NetworkDeviceData op

.resource.v1beta1.AllocationResult
1 devices .resource.v1beta1.DeviceAllocationResult o
3 nodeSelector .core.v1.NodeSelector op

.resource.v1beta1.BasicDevice
1 attributes .resource.v1beta1.DeviceAttribute mo
2 capacity .resource.v1beta1.DeviceCapacity mo

.resource.v1beta1.CELDeviceSelector
1 expression string

.resource.v1beta1.Device
1 name string
2 basic .resource.v1beta1.BasicDevice op

.resource.v1beta1.DeviceAllocationConfiguration
1 source string
2 requests string ro
3 deviceConfiguration .resource.v1beta1.DeviceConfiguration i

.resource.v1beta1.DeviceAllocationResult
1 results .resource.v1beta1.DeviceRequestAllocationResult ro
2 config .resource.v1beta1.DeviceAllocationConfiguration ro

.resource.v1beta1.DeviceAttribute
2 int int64 op
3 bool bool op
4 string string op
5 version string op

.resource.v1beta1.DeviceCapacity
1 value ~api.resource.Quantity

.resource.v1beta1.DeviceClaim
1 requests .resource.v1beta1.DeviceRequest r
2 constraints .resource.v1beta1.DeviceConstraint ro
3 config .resource.v1beta1.DeviceClaimConfiguration ro

.resource.v1beta1.DeviceClaimConfiguration
1 requests string ro
2 deviceConfiguration .resource.v1beta1.DeviceConfiguration i

.resource.v1beta1.DeviceClass
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .resource.v1beta1.DeviceClassSpec

.resource.v1beta1.DeviceClassConfiguration
1 deviceConfiguration .resource.v1beta1.DeviceConfiguration i

.resource.v1beta1.DeviceClassList
1 metadata ~apis.meta.v1.ListMeta o
2 items .resource.v1beta1.DeviceClass r

.resource.v1beta1.DeviceClassSpec
1 selectors .resource.v1beta1.DeviceSelector ro
2 config .resource.v1beta1.DeviceClassConfiguration ro

.resource.v1beta1.DeviceConfiguration
1 opaque .resource.v1beta1.OpaqueDeviceConfiguration op

.resource.v1beta1.DeviceConstraint
1 requests string ro
2 matchAttribute string op

.resource.v1beta1.DeviceRequest
1 name string
2 deviceClassName string
3 selectors .resource.v1beta1.DeviceSelector ro
4 allocationMode string o
5 count int64 o
6 adminAccess bool op

.resource.v1beta1.DeviceRequestAllocationResult
1 request string
2 driver string
3 pool string
4 device string
5 adminAccess bool p

.resource.v1beta1.DeviceSelector
1 cel .resource.v1beta1.CELDeviceSelector op

.resource.v1beta1.NetworkDeviceData
1 interfaceName string o
2 ips string ro
3 hardwareAddress string o

.resource.v1beta1.OpaqueDeviceConfiguration
1 driver string
2 parameters ~runtime.RawExtension

.resource.v1beta1.ResourceClaim
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .resource.v1beta1.ResourceClaimSpec
3 status .resource.v1beta1.ResourceClaimStatus o

.resource.v1beta1.ResourceClaimConsumerReference
1 apiGroup string o
3 resource string
4 name string
5 uid string

.resource.v1beta1.ResourceClaimList
1 metadata ~apis.meta.v1.ListMeta o
2 items .resource.v1beta1.ResourceClaim r

.resource.v1beta1.ResourceClaimSpec
1 devices .resource.v1beta1.DeviceClaim

.resource.v1beta1.ResourceClaimStatus
1 allocation .resource.v1beta1.AllocationResult op
2 reservedFor .resource.v1beta1.ResourceClaimConsumerReference ro
4 devices .resource.v1beta1.AllocatedDeviceStatus ro

.resource.v1beta1.ResourceClaimTemplate
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .resource.v1beta1.ResourceClaimTemplateSpec

.resource.v1beta1.ResourceClaimTemplateList
1 metadata ~apis.meta.v1.ListMeta o
2 items .resource.v1beta1.ResourceClaimTemplate r

.resource.v1beta1.ResourceClaimTemplateSpec
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .resource.v1beta1.ResourceClaimSpec

.resource.v1beta1.ResourcePool
1 name string
2 generation int64
3 resourceSliceCount int64

.resource.v1beta1.ResourceSlice
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .resource.v1beta1.ResourceSliceSpec

.resource.v1beta1.ResourceSliceList
1 metadata ~apis.meta.v1.ListMeta o
2 items .resource.v1beta1.ResourceSlice r

.resource.v1beta1.ResourceSliceSpec
1 driver string
2 pool .resource.v1beta1.ResourcePool
3 nodeName string o
4 nodeSelector .core.v1.NodeSelector op
5 allNodes bool o
6 devices .resource.v1beta1.Device r

.scheduling.v1.PriorityClass
1 metadata ~apis.meta.v1.ObjectMeta o
2 value int32
3 globalDefault bool o
4 description string o
5 preemptionPolicy string op

.scheduling.v1.PriorityClassList
1 metadata ~apis.meta.v1.ListMeta o
2 items .scheduling.v1.PriorityClass r

.scheduling.v1alpha1.PriorityClass
1 metadata ~apis.meta.v1.ObjectMeta o
2 value int32
3 globalDefault bool o
4 description string o
5 preemptionPolicy string op

.scheduling.v1alpha1.PriorityClassList
1 metadata ~apis.meta.v1.ListMeta o
2 items .scheduling.v1alpha1.PriorityClass r

.scheduling.v1beta1.PriorityClass
1 metadata ~apis.meta.v1.ObjectMeta o
2 value int32
3 globalDefault bool o
4 description string o
5 preemptionPolicy string op

.scheduling.v1beta1.PriorityClassList
1 metadata ~apis.meta.v1.ListMeta o
2 items .scheduling.v1beta1.PriorityClass r

.storage.v1.CSIDriver
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .storage.v1.CSIDriverSpec

.storage.v1.CSIDriverList
1 metadata ~apis.meta.v1.ListMeta o
2 items .storage.v1.CSIDriver r

.storage.v1.CSIDriverSpec
1 attachRequired bool op
2 podInfoOnMount bool op
3 volumeLifecycleModes string ro
4 storageCapacity bool op
5 fsGroupPolicy string op
6 tokenRequests .storage.v1.TokenRequest ro
7 requiresRepublish bool op
8 seLinuxMount bool op

.storage.v1.CSINode
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .storage.v1.CSINodeSpec

.storage.v1.CSINodeDriver
1 name string
2 nodeID string
3 topologyKeys string r
4 allocatable .storage.v1.VolumeNodeResources op

.storage.v1.CSINodeList
1 metadata ~apis.meta.v1.ListMeta o
2 items .storage.v1.CSINode r

.storage.v1.CSINodeSpec
1 drivers .storage.v1.CSINodeDriver r

.storage.v1.CSIStorageCapacity
1 metadata ~apis.meta.v1.ObjectMeta o
2 nodeTopology ~apis.meta.v1.LabelSelector op
3 storageClassName string
4 capacity ~api.resource.Quantity op
5 maximumVolumeSize ~api.resource.Quantity op

.storage.v1.CSIStorageCapacityList
1 metadata ~apis.meta.v1.ListMeta o
2 items .storage.v1.CSIStorageCapacity r

.storage.v1.StorageClass
1 metadata ~apis.meta.v1.ObjectMeta o
2 provisioner string
3 parameters string mo
4 reclaimPolicy string op
5 mountOptions string ro
6 allowVolumeExpansion bool op
7 volumeBindingMode string op
8 allowedTopologies .core.v1.TopologySelectorTerm ro

.storage.v1.StorageClassList
1 metadata ~apis.meta.v1.ListMeta o
2 items .storage.v1.StorageClass r

.storage.v1.TokenRequest
1 audience string
2 expirationSeconds int64 op

.storage.v1.VolumeAttachment
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .storage.v1.VolumeAttachmentSpec
3 status .storage.v1.VolumeAttachmentStatus o

.storage.v1.VolumeAttachmentList
1 metadata ~apis.meta.v1.ListMeta o
2 items .storage.v1.VolumeAttachment r

.storage.v1.VolumeAttachmentSource
1 persistentVolumeName string op
2 inlineVolumeSpec .core.v1.PersistentVolumeSpec op

.storage.v1.VolumeAttachmentSpec
1 attacher string
2 source .storage.v1.VolumeAttachmentSource
3 nodeName string

.storage.v1.VolumeAttachmentStatus
1 attached bool
2 attachmentMetadata string mo
3 attachError .storage.v1.VolumeError op
4 detachError .storage.v1.VolumeError op

.storage.v1.VolumeError
1 time ~apis.meta.v1.Time o
2 message string o

.storage.v1.VolumeNodeResources
1 count int32 op

.storage.v1alpha1.CSIStorageCapacity
1 metadata ~apis.meta.v1.ObjectMeta o
2 nodeTopology ~apis.meta.v1.LabelSelector op
3 storageClassName string
4 capacity ~api.resource.Quantity op
5 maximumVolumeSize ~api.resource.Quantity op

.storage.v1alpha1.CSIStorageCapacityList
1 metadata ~apis.meta.v1.ListMeta o
2 items .storage.v1alpha1.CSIStorageCapacity r

.storage.v1alpha1.VolumeAttachment
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .storage.v1alpha1.VolumeAttachmentSpec
3 status .storage.v1alpha1.VolumeAttachmentStatus o

.storage.v1alpha1.VolumeAttachmentList
1 metadata ~apis.meta.v1.ListMeta o
2 items .storage.v1alpha1.VolumeAttachment r

.storage.v1alpha1.VolumeAttachmentSource
1 persistentVolumeName string op
2 inlineVolumeSpec .core.v1.PersistentVolumeSpec op

.storage.v1alpha1.VolumeAttachmentSpec
1 attacher string
2 source .storage.v1alpha1.VolumeAttachmentSource
3 nodeName string

.storage.v1alpha1.VolumeAttachmentStatus
1 attached bool
2 attachmentMetadata string mo
3 attachError .storage.v1alpha1.VolumeError op
4 detachError .storage.v1alpha1.VolumeError op

.storage.v1alpha1.VolumeAttributesClass
1 metadata ~apis.meta.v1.ObjectMeta o
2 driverName string
3 parameters string mo

.storage.v1alpha1.VolumeAttributesClassList
1 metadata ~apis.meta.v1.ListMeta o
2 items .storage.v1alpha1.VolumeAttributesClass r

.storage.v1alpha1.VolumeError
1 time ~apis.meta.v1.Time o
2 message string o

.storage.v1beta1.CSIDriver
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .storage.v1beta1.CSIDriverSpec

.storage.v1beta1.CSIDriverList
1 metadata ~apis.meta.v1.ListMeta o
2 items .storage.v1beta1.CSIDriver r

.storage.v1beta1.CSIDriverSpec
1 attachRequired bool op
2 podInfoOnMount bool op
3 volumeLifecycleModes string ro
4 storageCapacity bool op
5 fsGroupPolicy string op
6 tokenRequests .storage.v1beta1.TokenRequest ro
7 requiresRepublish bool op
8 seLinuxMount bool op

.storage.v1beta1.CSINode
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .storage.v1beta1.CSINodeSpec

.storage.v1beta1.CSINodeDriver
1 name string
2 nodeID string
3 topologyKeys string r
4 allocatable .storage.v1beta1.VolumeNodeResources op

.storage.v1beta1.CSINodeList
1 metadata ~apis.meta.v1.ListMeta o
2 items .storage.v1beta1.CSINode r

.storage.v1beta1.CSINodeSpec
1 drivers .storage.v1beta1.CSINodeDriver r

.storage.v1beta1.CSIStorageCapacity
1 metadata ~apis.meta.v1.ObjectMeta o
2 nodeTopology ~apis.meta.v1.LabelSelector op
3 storageClassName string
4 capacity ~api.resource.Quantity op
5 maximumVolumeSize ~api.resource.Quantity op

.storage.v1beta1.CSIStorageCapacityList
1 metadata ~apis.meta.v1.ListMeta o
2 items .storage.v1beta1.CSIStorageCapacity r

.storage.v1beta1.StorageClass
1 metadata ~apis.meta.v1.ObjectMeta o
2 provisioner string
3 parameters string mo
4 reclaimPolicy string op
5 mountOptions string ro
6 allowVolumeExpansion bool op
7 volumeBindingMode string op
8 allowedTopologies .core.v1.TopologySelectorTerm ro

.storage.v1beta1.StorageClassList
1 metadata ~apis.meta.v1.ListMeta o
2 items .storage.v1beta1.StorageClass r

.storage.v1beta1.TokenRequest
1 audience string
2 expirationSeconds int64 op

.storage.v1beta1.VolumeAttachment
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .storage.v1beta1.VolumeAttachmentSpec
3 status .storage.v1beta1.VolumeAttachmentStatus o

.storage.v1beta1.VolumeAttachmentList
1 metadata ~apis.meta.v1.ListMeta o
2 items .storage.v1beta1.VolumeAttachment r

.storage.v1beta1.VolumeAttachmentSource
1 persistentVolumeName string op
2 inlineVolumeSpec .core.v1.PersistentVolumeSpec op

.storage.v1beta1.VolumeAttachmentSpec
1 attacher string
2 source .storage.v1beta1.VolumeAttachmentSource
3 nodeName string

.storage.v1beta1.VolumeAttachmentStatus
1 attached bool
2 attachmentMetadata string mo
3 attachError .storage.v1beta1.VolumeError op
4 detachError .storage.v1beta1.VolumeError op

.storage.v1beta1.VolumeAttributesClass
1 metadata ~apis.meta.v1.ObjectMeta o
2 driverName string
3 parameters string mo

.storage.v1beta1.VolumeAttributesClassList
1 metadata ~apis.meta.v1.ListMeta o
2 items .storage.v1beta1.VolumeAttributesClass r

.storage.v1beta1.VolumeError
1 time ~apis.meta.v1.Time o
2 message string o

.storage.v1beta1.VolumeNodeResources
1 count int32 op

.storagemigration.v1alpha1.GroupVersionResource
1 group string o
2 version string o
3 resource string o

.storagemigration.v1alpha1.MigrationCondition
1 type string
2 status string
3 lastUpdateTime ~apis.meta.v1.Time o
4 reason string o
5 message string o

.storagemigration.v1alpha1.StorageVersionMigration
1 metadata ~apis.meta.v1.ObjectMeta o
2 spec .storagemigration.v1alpha1.StorageVersionMigrationSpec o
3 status .storagemigration.v1alpha1.StorageVersionMigrationStatus o

.storagemigration.v1alpha1.StorageVersionMigrationList
1 metadata ~apis.meta.v1.ListMeta o
2 items .storagemigration.v1alpha1.StorageVersionMigration r

.storagemigration.v1alpha1.StorageVersionMigrationSpec
1 resource .storagemigration.v1alpha1.GroupVersionResource
2 continueToken string o

.storagemigration.v1alpha1.StorageVersionMigrationStatus
1 conditions .storagemigration.v1alpha1.MigrationCondition ro
2 resourceVersion string o

~api.resource.Quantity
1 string string

~api.resource.QuantityValue
1 string string

~apis.meta.v1.APIGroup
1 name string
2 versions ~apis.meta.v1.GroupVersionForDiscovery r
3 preferredVersion ~apis.meta.v1.GroupVersionForDiscovery o
4 serverAddressByClientCIDRs ~apis.meta.v1.ServerAddressByClientCIDR ro

~apis.meta.v1.APIGroupList
1 groups ~apis.meta.v1.APIGroup r

~apis.meta.v1.APIResource
1 name string
6 singularName string
2 namespaced bool
8 group string o
9 version string o
3 kind string
4 verbs ~apis.meta.v1.Verbs
5 shortNames string ro
7 categories string ro
10 storageVersionHash string o

~apis.meta.v1.APIResourceList
1 groupVersion string
2 resources ~apis.meta.v1.APIResource r

~apis.meta.v1.APIVersions
1 versions string r
2 serverAddressByClientCIDRs ~apis.meta.v1.ServerAddressByClientCIDR r

~apis.meta.v1.ApplyOptions
1 dryRun string ro
2 force bool
3 fieldManager string

~apis.meta.v1.Condition
1 type string
2 status string
3 observedGeneration int64 o
4 lastTransitionTime ~apis.meta.v1.Time
5 reason string
6 message string

~apis.meta.v1.CreateOptions
1 dryRun string ro
3 fieldManager string o
4 fieldValidation string o

~apis.meta.v1.DeleteOptions
1 gracePeriodSeconds int64 op
2 preconditions ~apis.meta.v1.Preconditions op
3 orphanDependents bool op
4 propagationPolicy string op
5 dryRun string ro
6 ignoreStoreReadErrorWithClusterBreakingPotential bool op

~apis.meta.v1.Duration
1 duration int64

~apis.meta.v1.FieldSelectorRequirement
1 key string
2 operator string
3 values string ro

~apis.meta.v1.FieldsV1
1 Raw bytes

~apis.meta.v1.GetOptions
1 resourceVersion string o

~apis.meta.v1.GroupKind
1 group string
2 kind string

~apis.meta.v1.GroupResource
1 group string
2 resource string

~apis.meta.v1.GroupVersion
1 group string
2 version string

~apis.meta.v1.GroupVersionForDiscovery
1 groupVersion string
2 version string

~apis.meta.v1.GroupVersionKind
1 group string
2 version string
3 kind string

~apis.meta.v1.GroupVersionResource
1 group string
2 version string
3 resource string

~apis.meta.v1.LabelSelector
1 matchLabels string mo
2 matchExpressions ~apis.meta.v1.LabelSelectorRequirement ro

~apis.meta.v1.LabelSelectorRequirement
1 key string
2 operator string
3 values string ro

~apis.meta.v1.List
1 metadata ~apis.meta.v1.ListMeta o
2 items ~runtime.RawExtension r

~apis.meta.v1.ListMeta
1 selfLink string o
2 resourceVersion string o
3 continue string o
4 remainingItemCount int64 op

~apis.meta.v1.ListOptions
1 labelSelector string o
2 fieldSelector string o
3 watch bool o
9 allowWatchBookmarks bool o
4 resourceVersion string o
10 resourceVersionMatch string o
5 timeoutSeconds int64 op
7 limit int64 o
8 continue string o
11 sendInitialEvents bool op

~apis.meta.v1.ManagedFieldsEntry
1 manager string o
2 operation string o
3 apiVersion string o
4 time ~apis.meta.v1.Time op
6 fieldsType string o
7 fieldsV1 ~apis.meta.v1.FieldsV1 op
8 subresource string o

~apis.meta.v1.MicroTime
1 seconds int64
2 nanos int32

~apis.meta.v1.ObjectMeta
1 name string o
2 generateName string o
3 namespace string o
4 selfLink string o
5 uid string o
6 resourceVersion string o
7 generation int64 o
8 creationTimestamp ~apis.meta.v1.Time o
9 deletionTimestamp ~apis.meta.v1.Time op
10 deletionGracePeriodSeconds int64 op
11 labels string mo
12 annotations string mo
13 ownerReferences ~apis.meta.v1.OwnerReference ro
14 finalizers string ro
17 managedFields ~apis.meta.v1.ManagedFieldsEntry ro
15 clusterName string o

~apis.meta.v1.OwnerReference
5 apiVersion string
1 kind string
3 name string
4 uid string
6 controller bool op
7 blockOwnerDeletion bool op

~apis.meta.v1.PartialObjectMetadata
1 metadata ~apis.meta.v1.ObjectMeta o

~apis.meta.v1.PartialObjectMetadataList
1 metadata ~apis.meta.v1.ListMeta o
2 items ~apis.meta.v1.PartialObjectMetadata r

~apis.meta.v1.Patch

~apis.meta.v1.PatchOptions
1 dryRun string ro
2 force bool op
3 fieldManager string o
4 fieldValidation string o

~apis.meta.v1.Preconditions
1 uid string op
2 resourceVersion string op

~apis.meta.v1.RootPaths
1 paths string r

~apis.meta.v1.ServerAddressByClientCIDR
1 clientCIDR string
2 serverAddress string

~apis.meta.v1.Status
1 metadata ~apis.meta.v1.ListMeta o
2 status string o
3 message string o
4 reason string o
5 details ~apis.meta.v1.StatusDetails op
6 code int32 o

~apis.meta.v1.StatusCause
1 reason string o
2 message string o
3 field string o

~apis.meta.v1.StatusDetails
1 name string o
2 group string o
3 kind string o
6 uid string o
4 causes ~apis.meta.v1.StatusCause ro
5 retryAfterSeconds int32 o

~apis.meta.v1.TableOptions
1 includeObject string o

~apis.meta.v1.Time
1 seconds int64
2 nanos int32

~apis.meta.v1.Timestamp
1 seconds int64
2 nanos int32

~apis.meta.v1.TypeMeta
1 kind string o
2 apiVersion string o

~apis.meta.v1.UpdateOptions
1 dryRun string ro
2 fieldManager string o
3 fieldValidation string o

=~apis.meta.v1.Verbs
1 items string r

~apis.meta.v1.WatchEvent
1 type string
2 object ~runtime.RawExtension

~apis.meta.v1beta1.PartialObjectMetadataList
2 metadata ~apis.meta.v1.ListMeta o
1 items ~apis.meta.v1.PartialObjectMetadata r

~runtime.RawExtension
1 raw bytes

~runtime.TypeMeta
1 apiVersion string o
2 kind string o

~runtime.Unknown
1 typeMeta ~runtime.TypeMeta i
2 raw bytes
3 contentEncoding string
4 contentType string

~util.intstr.IntOrString
1 type int64
2 intVal int32
3 strVal string`;
