(** Spectra, traces, quadratic forms, and kappa as the root of its equation.

    What certificates are stated in. A spectrum lists, for each eigenvector of
    Sigma, its eigenvalue and the coefficient of w0 along it. *)

From Coq Require Export Reals Lra List.
From Coq Require Export Psatz.
Export ListNotations.
Open Scope R_scope.

Definition spectrum := list (R * R).

(** Every eigenvalue is positive. *)
Definition positive (S : spectrum) : Prop := Forall (fun p => 0 < fst p) S.

(** Sigma = I. *)
Definition isotropic (S : spectrum) : Prop := Forall (fun p => fst p = 1) S.

(** d *)
Definition dim (S : spectrum) : R := INR (length S).

(** tr f(Sigma) *)
Definition tr (f : R -> R) (S : spectrum) : R :=
  fold_right (fun p a => f (fst p) + a) 0 S.

(** w0' f(Sigma) w0 *)
Definition quad (f : R -> R) (S : spectrum) : R :=
  fold_right (fun p a => snd p ^ 2 * f (fst p) + a) 0 S.

(** df_m(k) = tr Sigma^m (Sigma + k)^-m *)
Definition df (m : nat) (k : R) (S : spectrum) : R :=
  tr (fun s => s ^ m / (s + k) ^ m) S.

(** k - lambda = k df_1(k) / T *)
Definition kappa_equation (S : spectrum) (lambda T k : R) : Prop :=
  k - lambda = k * df 1 k S / T.

(** The largest root of the equation that is not negative. *)
Definition is_kappa (S : spectrum) (lambda T k : R) : Prop :=
  0 <= k /\ kappa_equation S lambda T k /\
  forall x, 0 <= x -> kappa_equation S lambda T x -> x <= k.

(** ** Traces *)

Lemma tr_ext : forall S f g, positive S ->
  (forall s, 0 < s -> f s = g s) -> tr f S = tr g S.
Proof.
  induction 1 as [|p S Hp HS IH]; intros E; simpl; auto.
  rewrite IH by assumption. rewrite E by assumption. reflexivity.
Qed.

Lemma quad_ext : forall S f g, positive S ->
  (forall s, 0 < s -> f s = g s) -> quad f S = quad g S.
Proof.
  induction 1 as [|p S Hp HS IH]; intros E; simpl; auto.
  rewrite IH by assumption. rewrite E by assumption. reflexivity.
Qed.

Lemma tr_le : forall S f g, positive S ->
  (forall s, 0 < s -> f s <= g s) -> tr f S <= tr g S.
Proof.
  induction 1 as [|p S Hp HS IH]; intros E; simpl; try lra.
  specialize (E (fst p) Hp) as E1. specialize (IH E). lra.
Qed.

Lemma quad_le : forall S f g, positive S ->
  (forall s, 0 < s -> f s <= g s) -> quad f S <= quad g S.
Proof.
  induction 1 as [|p S Hp HS IH]; intros E; simpl; try lra.
  specialize (E (fst p) Hp) as E1. specialize (IH E).
  assert (0 <= snd p * (snd p * 1)) by nra. nra.
Qed.

Lemma tr_nonneg : forall S f, positive S ->
  (forall s, 0 < s -> 0 <= f s) -> 0 <= tr f S.
Proof.
  induction 1 as [|p S Hp HS IH]; intros E; simpl; try lra.
  specialize (E (fst p) Hp) as E1. specialize (IH E). lra.
Qed.

Lemma tr_pos : forall S f, positive S -> 0 < dim S ->
  (forall s, 0 < s -> 0 < f s) -> 0 < tr f S.
Proof.
  intros S f HS Hd E. destruct HS as [|p S Hp HS]; unfold dim in Hd; simpl in *; try lra.
  specialize (E (fst p) Hp) as E1.
  assert (0 <= tr f S) by (apply tr_nonneg; auto; intros s Hs; specialize (E s Hs); lra).
  lra.
Qed.

Lemma quad_nonneg : forall S f, positive S ->
  (forall s, 0 < s -> 0 <= f s) -> 0 <= quad f S.
Proof.
  induction 1 as [|p S Hp HS IH]; intros E; simpl; try lra.
  specialize (E (fst p) Hp) as E1. specialize (IH E).
  assert (0 <= snd p * (snd p * 1)) by nra. nra.
Qed.

(** A linear combination of functions, term by term. *)
Definition combination (l : list (R * (R -> R))) (s : R) : R :=
  fold_right (fun p a => fst p * snd p s + a) 0 l.

Definition trs (l : list (R * (R -> R))) (S : spectrum) : R :=
  fold_right (fun p a => fst p * tr (snd p) S + a) 0 l.

Definition quads (l : list (R * (R -> R))) (S : spectrum) : R :=
  fold_right (fun p a => fst p * quad (snd p) S + a) 0 l.

Lemma tr_zero : forall S, tr (fun _ => 0) S = 0.
Proof. induction S; simpl; lra. Qed.

Lemma quad_zero : forall S, quad (fun _ => 0) S = 0.
Proof. induction S; simpl; lra. Qed.

Lemma tr_add : forall S f g, tr (fun s => f s + g s) S = tr f S + tr g S.
Proof. induction S; intros; simpl; try rewrite IHS; lra. Qed.

Lemma quad_add : forall S f g, quad (fun s => f s + g s) S = quad f S + quad g S.
Proof. induction S; intros; simpl; try rewrite IHS; lra. Qed.

Lemma tr_scale : forall S c f, tr (fun s => c * f s) S = c * tr f S.
Proof. induction S; intros; simpl; try rewrite IHS; lra. Qed.

Lemma quad_scale : forall S c f, quad (fun s => c * f s) S = c * quad f S.
Proof. induction S; intros; simpl; try rewrite IHS; lra. Qed.

Lemma tr_combination : forall S l, tr (combination l) S = trs l S.
Proof.
  intros S l; induction l as [|[c f] l IH]; simpl.
  - apply tr_zero.
  - change (tr (fun s => c * f s + combination l s) S = c * tr f S + trs l S).
    rewrite tr_add, tr_scale, IH. reflexivity.
Qed.

Lemma quad_combination : forall S l, quad (combination l) S = quads l S.
Proof.
  intros S l; induction l as [|[c f] l IH]; simpl.
  - apply quad_zero.
  - change (quad (fun s => c * f s + combination l s) S = c * quad f S + quads l S).
    rewrite quad_add, quad_scale, IH. reflexivity.
Qed.

(** Partial fractions: a trace is the combination of traces that its function is. *)
Lemma tr_split : forall S f l, positive S ->
  (forall s, 0 < s -> f s = combination l s) -> tr f S = trs l S.
Proof. intros; rewrite <- tr_combination; apply tr_ext; assumption. Qed.

Lemma quad_split : forall S f l, positive S ->
  (forall s, 0 < s -> f s = combination l s) -> quad f S = quads l S.
Proof. intros; rewrite <- quad_combination; apply quad_ext; assumption. Qed.

Lemma tr_one : forall S, tr (fun _ => 1) S = dim S.
Proof.
  unfold dim; induction S; [reflexivity|].
  change (1 + tr (fun _ => 1) S = INR (Datatypes.S (length S))).
  rewrite S_INR, IHS. lra.
Qed.

Lemma tr_isotropic : forall S f, isotropic S -> tr f S = dim S * f 1.
Proof.
  unfold dim; induction 1 as [|p S Hp HS IH]; [simpl; lra|].
  change (f (fst p) + tr f S = INR (Datatypes.S (length S)) * f 1).
  rewrite S_INR, IH, Hp. lra.
Qed.

Lemma quad_isotropic : forall S f, isotropic S -> quad f S = quad (fun _ => 1) S * f 1.
Proof.
  induction 1 as [|p S Hp HS IH]; simpl; [lra|].
  change (snd p ^ 2 * f (fst p) + quad f S
          = (snd p ^ 2 * 1 + quad (fun _ => 1) S) * f 1).
  rewrite IH, Hp. ring.
Qed.

Lemma isotropic_positive : forall S, isotropic S -> positive S.
Proof. induction 1; constructor; auto; lra. Qed.

(** ** Degrees of freedom and kappa *)

Lemma df_nonneg : forall S m k, positive S -> 0 <= k -> 0 <= df m k S.
Proof.
  intros; apply tr_nonneg; auto. intros s Hs.
  apply Rmult_le_pos; [apply pow_le; lra|].
  apply Rlt_le, Rinv_0_lt_compat, pow_lt. lra.
Qed.

Lemma df1_lt_dim : forall S k, positive S -> 0 < dim S -> 0 < k -> df 1 k S < dim S.
Proof.
  intros S k HS Hd Hk.
  assert (0 < tr (fun s => k / (s + k)) S).
  { apply tr_pos; auto. intros s Hs. apply Rdiv_lt_0_compat; lra. }
  assert (df 1 k S + tr (fun s => k / (s + k)) S = dim S) as E.
  { unfold df. rewrite <- tr_add, <- tr_one. apply tr_ext; auto.
    intros s Hs; field; lra. }
  lra.
Qed.

Lemma df2_lt_df1 : forall S k, positive S -> 0 < dim S -> 0 < k -> df 2 k S < df 1 k S.
Proof.
  intros S k HS Hd Hk.
  assert (0 < tr (fun s => k * s / (s + k) ^ 2) S).
  { apply tr_pos; auto. intros s Hs. apply Rdiv_lt_0_compat; [nra|]. apply pow_lt; lra. }
  assert (df 2 k S + tr (fun s => k * s / (s + k) ^ 2) S = df 1 k S) as E.
  { unfold df. rewrite <- tr_add. apply tr_ext; auto. intros s Hs; field; lra. }
  lra.
Qed.

Lemma kappa_pos : forall S lambda T k, 0 < lambda -> is_kappa S lambda T k -> 0 < k.
Proof.
  intros S lambda T k Hl [H0 [E _]]. destruct H0 as [H0|H0]; auto.
  unfold kappa_equation in E. rewrite <- H0 in E. unfold Rdiv in E. nra.
Qed.

(** T >= df_1(kappa), strictly where there is a ridge. *)
Lemma kappa_samples : forall S lambda T k, 0 < T -> 0 < k -> kappa_equation S lambda T k ->
  T * (k - lambda) = k * df 1 k S.
Proof. intros S lambda T k HT Hk E. unfold kappa_equation in E. rewrite E. field. lra. Qed.

Lemma df1_le_samples : forall S lambda T k, positive S -> 0 < T -> 0 <= lambda -> 0 < k ->
  is_kappa S lambda T k -> df 1 k S <= T.
Proof.
  intros S lambda T k HS HT Hl Hk [_ [E _]].
  apply kappa_samples in E; auto.
  assert (0 <= T * lambda) by nra.
  apply Rmult_le_reg_l with k; auto. nra.
Qed.

Lemma df2_lt_samples : forall S lambda T k, positive S -> 0 < dim S -> 0 < T -> 0 <= lambda ->
  0 < k -> is_kappa S lambda T k -> df 2 k S < T.
Proof.
  intros. apply Rlt_le_trans with (df 1 k S).
  - apply df2_lt_df1; auto.
  - eapply df1_le_samples; eauto.
Qed.

(** For Sigma = I, df_2 < T without denominators. *)
Lemma isotropic_samples : forall S T k, isotropic S -> 0 < k -> df 2 k S < T ->
  dim S < T * (1 + k) ^ 2.
Proof.
  intros S T k HI Hk D. unfold df in D.
  rewrite (tr_isotropic S (fun s => s ^ 2 / (s + k) ^ 2) HI) in D.
  assert (0 < (1 + k) ^ 2) as P by (apply pow_lt; lra).
  apply (Rmult_lt_compat_r ((1 + k) ^ 2)) in D; auto.
  replace (dim S * (1 ^ 2 / (1 + k) ^ 2) * (1 + k) ^ 2) with (dim S) in D by (field; lra).
  exact D.
Qed.

(** Without ridge kappa vanishes where T >= d. *)
Lemma kappa_classical : forall S T k, positive S -> 0 < dim S -> dim S <= T ->
  is_kappa S 0 T k -> k = 0.
Proof.
  intros S T k HS Hd HT [H0 [E _]]. destruct H0 as [H0|H0]; auto.
  apply kappa_samples in E; [|lra|auto].
  pose proof (df1_lt_dim S k HS Hd H0). nra.
Qed.

(** 0 < kappa <= lambda + ... : two positive roots of the equation are equal. *)
Lemma kappa_unique : forall S lambda T x y, positive S -> 0 < T -> 0 <= lambda ->
  is_kappa S lambda T x -> is_kappa S lambda T y -> x = y.
Proof.
  intros S lambda T x y HS HT Hl [Hx [Ex Mx]] [Hy [Ey My]].
  apply Rle_antisym; [apply My | apply Mx]; assumption.
Qed.

Lemma df1_decreasing : forall S x y, positive S -> 0 < dim S -> 0 < x -> x < y ->
  df 1 y S < df 1 x S.
Proof.
  intros S x y HS Hd Hx Hxy.
  assert (0 < tr (fun s => s * (y - x) / ((s + x) * (s + y))) S).
  { apply tr_pos; auto. intros s Hs. apply Rdiv_lt_0_compat; apply Rmult_lt_0_compat; lra. }
  assert (df 1 y S + tr (fun s => s * (y - x) / ((s + x) * (s + y))) S = df 1 x S) as E.
  { unfold df. rewrite <- tr_add. apply tr_ext; auto. intros s Hs; field; lra. }
  lra.
Qed.

(** A positive root is kappa: the equation has only one. *)
Lemma kappa_is : forall S lambda T x y, positive S -> 0 < dim S -> 0 < T -> 0 <= lambda ->
  is_kappa S lambda T y -> 0 < x -> kappa_equation S lambda T x -> x = y.
Proof.
  intros S lambda T x y HS Hd HT Hl [Hy [Ey My]] Hx Ex.
  assert (x <= y) as L by (apply My; [lra|auto]).
  destruct L as [L|L]; auto. exfalso.
  apply kappa_samples in Ex; auto. apply kappa_samples in Ey; auto; try lra.
  pose proof (df1_decreasing S x y HS Hd Hx L).
  (* T (x - lambda)/x = df_1(x) > df_1(y) = T (y - lambda)/y *)
  assert (0 <= T * lambda * (y - x)) by (apply Rmult_le_pos; nra).
  assert (x * y * df 1 y S < x * y * df 1 x S) by (apply Rmult_lt_compat_l; nra).
  nra.
Qed.

(** ** Tactics of certificates *)

(** Products and powers of what is positive. *)
Ltac pos :=
  repeat first
    [ apply Rmult_lt_0_compat | apply pow_lt | apply Rinv_0_lt_compat
    | apply Rplus_lt_0_compat; [|solve [lra | pos]] ];
  first [assumption | lra | nra].

(** A side condition: something does not vanish. *)
Ltac nonzero :=
  solve
    [ assumption
    | apply Rgt_not_eq; unfold Rgt; lra
    | apply Rlt_not_eq; lra
    | apply pow_nonzero; nonzero
    | apply Rmult_integral_contrapositive_currified; nonzero
    | apply Rgt_not_eq; unfold Rgt; pos
    | apply Rgt_not_eq; unfold Rgt; nra
    | apply Rlt_not_eq; nra ].

Ltac side := repeat match goal with |- _ /\ _ => split end; try nonzero.
